"""A minimal SMTP server that refuses recipients, hangs or answers slowly if a test requires it."""

import contextlib
import email
import email.policy
import socketserver
import threading
import time


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        server = self.server
        if server.hangs:
            server.released.wait(30)
            return
        self.reply("220 test")
        recipients = []
        while line := self.rfile.readline().strip().decode():
            verb = line.upper().split(":")[0].split()[0]
            if verb == "EHLO":
                self.reply("250 test")
            elif verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                if address in server.refused:
                    self.reply("550 no such person " + address)
                else:
                    recipients.append(address)
                    self.reply("250 ok")
            elif verb == "DATA":
                self.reply("354 go on")
                lines = []
                while (data := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(data.removeprefix(b".") if data.startswith(b"..") else data)
                time.sleep(server.slow)
                message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                server.messages.append((recipients, message))
                recipients = []
                self.reply("250 taken")
            elif verb == "QUIT":
                self.reply("221 bye")
                return
            else:
                self.reply("250 ok")

    def reply(self, line):
        self.wfile.write(line.encode() + b"\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """An SMTP server that stores the accepted messages, as pairs of recipients and message.

    `hangs`: accept connections and never answer. `refused`: answer 550 to these addresses. `slow`: seconds before a
    message is accepted.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port=0, *, hangs=False, refused=(), slow=0.0):
        super().__init__(("127.0.0.1", port), _Handler)
        self.hangs, self.refused, self.slow = hangs, set(refused), slow
        self.messages = []
        self.released = threading.Event()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def handle_error(self, request, client_address):
        """Ignore clients that disconnect: several tests kill the sending process."""


@contextlib.contextmanager
def mail_server(**options):
    """Run a MailServer in a thread; it no longer accepts connections when the block ends."""
    server = MailServer(**options)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def use_mail_server(settings, port: int) -> None:
    """Send mails to the SMTP server on this port of localhost, with a short timeout."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 0.5
