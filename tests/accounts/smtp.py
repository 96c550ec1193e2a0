"""A small SMTP server that keeps what it is sent, and fails when it is told to."""

import email
import email.policy
import socketserver
import threading


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 test")
        while line := self.rfile.readline():
            self.answer(line.decode().strip())

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def answer(self, line):
        command = line.split()[0].upper().split(":")[0]
        if command == "RCPT":
            self.say(self.server.answers.pop(0) if self.server.answers else "250 ok")
        elif command == "DATA":
            self.take_message()
        elif command == "MAIL":
            # Without what the client says of size and character set.
            self.server.envelopes.append(line.split()[1])
            self.say("250 ok")
        elif command == "QUIT":
            self.say("221 bye")
            self.finish_now()
        else:
            self.say("250 ok")

    def take_message(self):
        if self.server.breaks:
            self.server.breaks -= 1
            self.finish_now()
            return
        self.say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.server.wait_for_others()
        self.server.messages.append(message)
        self.say("250 taken")

    def finish_now(self):
        self.rfile = open("/dev/null", "rb")  # noqa: PTH123, SIM115 - ends the loop
        self.connection.shutdown(2)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.messages = []
        self.envelopes = []
        # What the next recipients are told, and how many messages are cut off.
        self.answers = []
        self.breaks = 0
        self.gathering = None

    @property
    def port(self):
        return self.server_address[1]

    def wait_for_others(self):
        """Hold a message back until as many as were announced have come, or a second is over."""
        if self.gathering:
            try:
                self.gathering.wait()
            except threading.BrokenBarrierError:
                return
