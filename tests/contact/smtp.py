"""A mail server of a few lines, as good or as bad as a test wants it."""

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
        self.say("220 test")
        recipients = []
        while line := self.rfile.readline().strip().decode():
            verb = line.upper().split(":")[0].split()[0]
            if verb == "EHLO":
                self.say("250 test")
            elif verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                if address in server.refused:
                    self.say("550 no such person " + address)
                else:
                    recipients.append(address)
                    self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                lines = []
                while (data := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(data.removeprefix(b".") if data.startswith(b"..") else data)
                time.sleep(server.slow)
                message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                server.messages.append((recipients, message))
                recipients = []
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """`hangs`: accepts connections and says nothing. `slow`: seconds before a message is taken."""

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
        """A client that goes away is no error of the test."""


@contextlib.contextmanager
def mail_server(**options):
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
