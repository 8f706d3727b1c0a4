/* Passkeys (WebAuthn): the browser asks the device, the form sends what it answered.

   form[data-passkey-create="options"]  adds one      form[data-passkey-get="options"]  proves who is signing in
   form[data-passkey-login]             signs in with one alone; the options are fetched from the form's address
   Each has a hidden input named credential and a p.error. A form that is hidden is shown where passkeys are known. */

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
const toText = (buffer) =>
  buffer &&
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const known = (list) => list?.map((entry) => ({ ...entry, id: toBytes(entry.id) }));

const answer = (credential) => {
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

const create = ({ publicKey }, alone) =>
  navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        // A key that signs in alone must be found without an address, and must know its owner.
        residentKey: alone ? "required" : "discouraged",
        requireResidentKey: alone,
        ...(alone && { userVerification: "required" }),
      },
    },
  });

const get = ({ publicKey }) =>
  navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: known(publicKey.allowCredentials),
    },
  });

const fetched = async (form) => {
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(response.status);
  return (await response.json()).request_options;
};

const WHY = {
  InvalidStateError: "Cet appareil a déjà une clé pour ce compte.",
  NotAllowedError: "La demande a été annulée, ou a pris trop de temps.",
  SecurityError: "Les clés d’accès ne fonctionnent pas à cette adresse du site.",
};

const ask = {
  passkeyCreate: (form, options) => create(JSON.parse(options), form.elements.passwordless?.checked ?? false),
  passkeyGet: (form, options) => get(JSON.parse(options)),
  passkeyLogin: async (form) => get(await fetched(form)),
};

const setUp = (form, kind) => {
  const problem = form.querySelector(".error");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    try {
      const credential = await ask[kind](form, form.dataset[kind]);
      form.elements.credential.value = JSON.stringify(answer(credential));
      form.submit();
    } catch (error) {
      problem.textContent = WHY[error.name] ?? "La clé n’a pas répondu. Réessayer, ou choisir un autre moyen.";
    }
  });
};

if (window.PublicKeyCredential && navigator.credentials) {
  document.querySelectorAll("[data-passkey-create]").forEach((form) => setUp(form, "passkeyCreate"));
  document.querySelectorAll("[data-passkey-get]").forEach((form) => setUp(form, "passkeyGet"));
  document.querySelectorAll("[data-passkey-login]").forEach((form) => setUp(form, "passkeyLogin"));
}
