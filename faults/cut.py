"""A cable that can be cut: passes bytes on between a TCP port and a server, until packets are dropped, or calls refused."""
import contextlib
import ctypes
import select
import socket
import struct
import threading

_ATTACH, _DETACH = 26, 27
"""SO_ATTACH_FILTER, SO_DETACH_FILTER of Linux: a socket whose filter takes nothing answers nothing, as behind a cut cable."""
_NOTHING = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))


class Cable:
    """to: the path of a server's socket. `port` is where to connect; "drop" and "refuse" are the ways to cut."""

    def __init__(self, to: str):
        self.to, self.pairs, self.lock = to, [], threading.Lock()
        self.listener = self._listen(0)
        self.port = self.listener.getsockname()[1]
        self.dropping = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, way: str) -> None:
        if way == "refuse":
            with self.lock:
                for end in (self.listener, *(end for pair in self.pairs for end in pair)):
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)      # whoever waits for it wakes up
            self.listener.close()
            return
        self.dropping = True
        with self.lock:
            for end in (self.listener, *(near for near, _far in self.pairs)):
                end.setsockopt(socket.SOL_SOCKET, _ATTACH, struct.pack("HL", 1, ctypes.addressof(_NOTHING)))

    def mend(self) -> None:
        if self.listener.fileno() == -1:
            self.listener = self._listen(self.port)
            threading.Thread(target=self._accept, daemon=True).start()
        self.dropping = False
        with self.lock:
            for end in (self.listener, *(near for near, _far in self.pairs)):
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, _DETACH, 0)

    def _listen(self, port: int) -> socket.socket:
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        made.listen(64)
        return made

    def _accept(self) -> None:
        listener = self.listener
        while True:
            try:
                near, _address = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.to)
            except OSError:
                if listener.fileno() == -1:
                    return
                continue
            with self.lock:
                self.pairs.append((near, far))
                if self.dropping:
                    near.setsockopt(socket.SOL_SOCKET, _ATTACH, struct.pack("HL", 1, ctypes.addressof(_NOTHING)))
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while True:
                for end in select.select([near, far], [], [])[0]:
                    piece = end.recv(1 << 16)
                    if not piece:
                        return
                    (far if end is near else near).sendall(piece)
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                if (near, far) in self.pairs:
                    self.pairs.remove((near, far))
            near.close()
            far.close()
