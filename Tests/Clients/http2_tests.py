"""HTTP/2 frame by frame, as clients send it that are slow, careless or hostile."""

import json
import signal
import ssl
import subprocess
import time
import unittest

import tiny_model
from secure_registry import SecureRegistry, weights

try:
    import h2.config
    import h2.connection
    import h2.errors
    import h2.events
    import h2.settings
except ImportError:
    h2 = None


class Ended(Exception):
    """The server closed the connection."""


# What writing to a connection that is closed comes to, by how far the end has got.
GONE = (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError)


def protocol():
    """h2, which takes a connection for dead once it was told to go; what is open goes on (RFC 9113 §6.8)."""

    class Protocol(h2.connection.H2Connection):
        def _receive_goaway_frame(self, frame):
            event = h2.events.ConnectionTerminated()
            event.error_code = frame.error_code
            return [], [event]

    return Protocol(
        h2.config.H2Configuration(
            header_encoding="utf-8", validate_outbound_headers=False, normalize_outbound_headers=False))


class Connection:
    """One connection, and what happened on it. Unless it `takes` what comes, the server may not send much."""

    def __init__(self, registry, settings=None, takes=True):
        self.registry = registry
        self.takes = takes
        self.socket = registry.connect("h2")
        assert self.socket.selected_alpn_protocol() == "h2"
        self.h2 = protocol()
        if settings:
            self.h2.local_settings = h2.settings.Settings(client=True, initial_values=settings)
        self.h2.initiate_connection()
        self.events = []
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def begin(self, method, path, fields=(), ends=True, token=True):
        """- Returns: the number of the stream."""
        stream = self.h2.get_next_available_stream_id()
        headers = [(":method", method), (":path", path), (":scheme", "https"), (":authority", self.registry.host)]
        if token:
            headers.append(("authorization", f"Bearer {self.registry.token}"))
        self.h2.send_headers(stream, headers + list(fields), end_stream=ends)
        self.flush()
        return stream

    def receive(self):
        """Waits for more events."""
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Ended
        events = self.h2.receive_data(data)
        self.events += events
        for event in events:
            if self.takes and isinstance(event, h2.events.DataReceived) and event.flow_controlled_length:
                self.h2.increment_flow_control_window(event.flow_controlled_length)
                if self.is_open(event.stream_id):
                    self.h2.increment_flow_control_window(event.flow_controlled_length, event.stream_id)
        try:
            self.flush()
        except (ConnectionError, ssl.SSLEOFError):
            # It ended behind what it said last.
            if not any(isinstance(event, h2.events.ConnectionTerminated) for event in events):
                raise Ended from None
        return events

    def is_open(self, stream):
        return stream in self.h2.streams and not self.h2.streams[stream].closed

    def wait(self, kind, stream=None):
        """- Returns: the first event of a kind, of a stream or of the connection."""
        while True:
            for event in self.events:
                if isinstance(event, kind) and stream in (None, getattr(event, "stream_id", None)):
                    return event
            self.receive()

    def answer(self, stream):
        """- Returns: status and body."""
        self.wait(h2.events.StreamEnded, stream)
        mine = [event for event in self.events if getattr(event, "stream_id", None) == stream]
        heads = [event for event in mine if isinstance(event, h2.events.ResponseReceived)]
        body = b"".join(event.data for event in mine if isinstance(event, h2.events.DataReceived))
        return int(dict(heads[0].headers)[":status"]), body

    def wait_for_end(self):
        """- Returns: the last GOAWAY that came before the server closed the connection."""
        try:
            while True:
                self.receive()
        except Ended:
            goodbyes = [event for event in self.events if isinstance(event, h2.events.ConnectionTerminated)]
            return goodbyes[-1] if goodbyes else None


@unittest.skipIf(h2 is None, "h2 is missing: scripts/python-tools")
class HTTP2Tests(unittest.TestCase):
    def assertWell(self, registry):
        """Somebody else is served."""
        self.assertEqual(registry.get("/health").status, 200)

    def test_many_streams(self):
        """A hundred requests at a time on one connection get their own answers, and one more ends it"""
        with SecureRegistry() as registry, Connection(registry, takes=False) as connection:
            blob = registry.admit("large", weights(1))
            streams = [connection.begin("GET", f"/v1/model/none{number}") for number in range(100)]
            for number, stream in enumerate(streams):
                status, body = connection.answer(stream)
                self.assertEqual((status, json.loads(body)["code"]), (404, "artifact_not_found"))
                self.assertIn(f"none{number}", json.loads(body)["error"])
            settings = connection.h2.remote_settings
            self.assertEqual(settings[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS], 100)
            self.assertEqual(settings[h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE], 32 * 1024)
            # What does not fit into its window stays open.
            held = [connection.begin("GET", blob) for _ in range(100)]
            connection.h2.remote_settings[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] = 1000
            connection.h2.remote_settings.acknowledge()
            connection.begin("GET", "/health")
            goodbye = connection.wait_for_end()
            self.assertEqual((goodbye.error_code, len(held)), (h2.errors.ErrorCodes.PROTOCOL_ERROR, 100))

    def test_rapid_reset(self):
        """Whoever opens streams and resets them at once is shown the door"""
        with SecureRegistry() as registry, Connection(registry) as connection:
            with self.assertRaises((Ended, *GONE)):
                for _ in range(100):
                    for _ in range(50):
                        stream = connection.begin("GET", "/v1/models")
                        connection.h2.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
                        connection.flush()
                    connection.h2.ping(b"are you?")
                    connection.flush()
                    while not any(isinstance(event, h2.events.PingAckReceived) for event in connection.receive()):
                        pass
            self.assertLess(connection.h2.highest_outbound_stream_id // 2, 1_000)
            self.assertWell(registry)

    def test_pings(self):
        """Whoever does nothing but ping is shown the door"""
        with SecureRegistry() as registry, Connection(registry) as connection:
            try:
                for _ in range(1_000):
                    connection.h2.ping(b"12345678")
                connection.flush()
            except GONE:
                pass
            self.assertEqual(connection.wait_for_end().error_code, h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)
            self.assertWell(registry)

    def test_many_fields(self):
        """More than a hundred header fields are too many, for this request alone"""
        with SecureRegistry() as registry, Connection(registry) as connection:
            stream = connection.begin("GET", "/health", [(f"x-{number}", "1") for number in range(101)])
            self.assertEqual(connection.answer(stream)[0], 431)
            self.assertEqual(connection.answer(connection.begin("GET", "/health"))[0], 200)

    def test_large_fields(self):
        """Header fields beyond 32 KiB end the connection"""
        with SecureRegistry() as registry, Connection(registry) as connection:
            connection.begin("GET", "/health", [(f"x-{number}", "a" * 1_000) for number in range(40)])
            connection.wait_for_end()
            self.assertWell(registry)

    def test_heads_in_a_row(self):
        """Header blocks that belong to no request end the stream or the connection, and nothing else"""
        with SecureRegistry() as registry:
            for ends in ((False, False, False), (False, True, True), (True, True, True)):
                with self.subTest(ends=ends), Connection(registry) as connection:
                    stream = connection.begin("POST", "/v1/model/promote", ends=ends[0])
                    for end in ends[1:]:
                        encoded = connection.h2.encoder.encode([("x-more", "1")])
                        flags = 0x4 | (0x1 if end else 0)
                        frame = len(encoded).to_bytes(3, "big") + bytes([1, flags]) + stream.to_bytes(4, "big")
                        connection.socket.sendall(frame + encoded)
                    try:
                        connection.wait(
                            (h2.events.StreamReset, h2.events.ConnectionTerminated, h2.events.StreamEnded))
                    except Ended:
                        pass
                    self.assertWell(registry)

    def test_no_window(self):
        """A stream that takes nothing of its answer is given up; the connection goes on"""
        with SecureRegistry({"stalled_client_seconds": 1}) as registry:
            blob = registry.admit("large", weights(1))
            nothing = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 0}
            with Connection(registry, nothing) as connection:
                stalled = connection.begin("GET", blob)
                connection.wait(h2.events.ResponseReceived, stalled)
                connection.wait(h2.events.StreamReset, stalled)
                other = connection.begin("GET", "/health")
                connection.h2.increment_flow_control_window(1 << 16, other)
                connection.flush()
                self.assertEqual(connection.answer(other)[0], 200)

    def test_stopped_body(self):
        """A request whose body does not come is given up; the connection goes on"""
        with SecureRegistry({"stalled_client_seconds": 1}) as registry, Connection(registry) as connection:
            stream = connection.begin("POST", "/v1/model/promote", [("content-length", "10")], ends=False)
            connection.wait(h2.events.StreamReset, stream)
            self.assertEqual(connection.answer(connection.begin("GET", "/health"))[0], 200)

    def test_refused_upload(self):
        """An upload that is refused is answered, and the client is told that the rest is not wanted"""
        with SecureRegistry() as registry, Connection(registry) as connection:
            stream = connection.begin(
                "PUT", "/v1/model/up/content?filename=up.gguf", [("content-length", str(1 << 30))], ends=False,
                token=False)
            connection.h2.send_data(stream, b"a" * 1_000)
            connection.flush()
            self.assertEqual(connection.answer(stream)[0], 401)
            reset = connection.wait(h2.events.StreamReset, stream)
            self.assertEqual(reset.error_code, h2.errors.ErrorCodes.NO_ERROR)

    def test_upload(self):
        """An upload is taken as it comes, in constant memory"""
        content = weights(96)
        with SecureRegistry() as registry:
            path = registry.home / "up.safetensors"
            path.write_bytes(content)
            before = registry.peak_memory()
            target = f"/v1/model/up/content?filename=up.safetensors&sha256={tiny_model.sha256(content)}"
            run = subprocess.run(
                ["curl", "-sS", "--http2", "--cacert", registry.authority.path, "-o", registry.home / "answer", "-w",
                 "%{http_version} %{http_code}", "-H", f"Authorization: Bearer {registry.token}", "-T", path,
                 registry.url + target], capture_output=True, text=True, timeout=120)
            self.assertEqual(run.stdout, "2 201", run.stderr)
            self.assertGreater(len(content), 64 << 20)
            self.assertLess(registry.peak_memory() - before, 48 << 20)

    def test_given_up_downloads(self):
        """Downloads that are reset on their way leave nothing open"""
        with SecureRegistry() as registry:
            blob = registry.admit("large", weights(16))
            registry.get("/health")
            before = registry.open_files()
            little = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1 << 14}
            for _ in range(10):
                with Connection(registry, little, takes=False) as connection:
                    for _ in range(3):
                        stream = connection.begin("GET", blob)
                        connection.wait(h2.events.DataReceived, stream)
                        connection.h2.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
                        connection.flush()
                    self.assertEqual(connection.answer(connection.begin("GET", "/health"))[0], 200)
            end = time.monotonic() + 30
            while registry.open_files() > before and time.monotonic() < end:
                self.assertWell(registry)
            self.assertLessEqual(registry.open_files(), before)

    def test_idle(self):
        """A connection without a request is told to go, and then closed"""
        with SecureRegistry({"idle_connection_seconds": 1}) as registry, Connection(registry) as connection:
            self.assertEqual(connection.answer(connection.begin("GET", "/health"))[0], 200)
            goodbye = connection.wait_for_end()
            self.assertEqual(goodbye.error_code, h2.errors.ErrorCodes.NO_ERROR)

    def test_stop(self):
        """A server that stops finishes what it answers and tells its clients"""
        with SecureRegistry() as registry:
            content = weights(16)
            blob = registry.admit("large", content)
            with Connection(registry) as connection:
                stream = connection.begin("GET", blob)
                connection.wait(h2.events.DataReceived, stream)
                registry.process.send_signal(signal.SIGTERM)
                goodbye = connection.wait(h2.events.ConnectionTerminated)
                self.assertEqual(goodbye.error_code, h2.errors.ErrorCodes.NO_ERROR)
                received = 0
                while received < len(content):
                    received = sum(
                        len(event.data) for event in connection.events if isinstance(event, h2.events.DataReceived))
                    if received < len(content):
                        connection.receive()
                self.assertEqual(received, len(content))
                connection.wait_for_end()
            self.assertEqual(registry.process.wait(timeout=60), 0)
