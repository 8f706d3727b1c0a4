/* Passkeys (WebAuthn): the form posts the credential that the authenticator returns.

   form[data-passkey-create="options"]  registers a passkey     form[data-passkey-get="options"]  reauthenticates
   form[data-passkey-login]             signs in with a passkey alone; its options are fetched from the form's action
   Each form has a hidden input named credential and a p.error. Hidden forms are shown if the browser has WebAuthn. */

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
const toText = (buffer) =>
  buffer &&
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const decodeIds = (list) => list?.map((entry) => ({ ...entry, id: toBytes(entry.id) }));

const toJSON = (credential) => {
  const { response } = credential;
  return {
    id: credential.id,
    type: credential.type,
    rawId: toText(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      transports: response.getTransports?.(),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: toText(response.userHandle),
    },
  };
};

const create = ({ publicKey }, passwordless) =>
  navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: decodeIds(publicKey.excludeCredentials),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        // A key that signs in alone must be discoverable without an e-mail address, and verify its user.
        residentKey: passwordless ? "required" : "discouraged",
        requireResidentKey: passwordless,
        ...(passwordless && { userVerification: "required" }),
      },
    },
  });

const get = ({ publicKey }) =>
  navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: decodeIds(publicKey.allowCredentials),
    },
  });

const fetchOptions = async (form) => {
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(response.status);
  return (await response.json()).request_options;
};

const MESSAGES = {
  InvalidStateError: "Cet appareil a déjà une clé pour ce compte.",
  NotAllowedError: "La demande a été annulée, ou a pris trop de temps.",
  SecurityError: "Les clés d’accès ne fonctionnent pas à cette adresse du site.",
};

const requestCredential = {
  passkeyCreate: (form, options) => create(JSON.parse(options), form.elements.passwordless?.checked ?? false),
  passkeyGet: (form, options) => get(JSON.parse(options)),
  passkeyLogin: async (form) => get(await fetchOptions(form)),
};

const setUp = (form, kind) => {
  const errorElement = form.querySelector(".error");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    errorElement.textContent = "";
    try {
      const credential = await requestCredential[kind](form, form.dataset[kind]);
      form.elements.credential.value = JSON.stringify(toJSON(credential));
      form.submit();
    } catch (error) {
      errorElement.textContent = MESSAGES[error.name] ?? "La clé n’a pas répondu. Réessayer, ou choisir un autre moyen.";
    }
  });
};

if (window.PublicKeyCredential && navigator.credentials) {
  document.querySelectorAll("[data-passkey-create]").forEach((form) => setUp(form, "passkeyCreate"));
  document.querySelectorAll("[data-passkey-get]").forEach((form) => setUp(form, "passkeyGet"));
  document.querySelectorAll("[data-passkey-login]").forEach((form) => setUp(form, "passkeyLogin"));
}
