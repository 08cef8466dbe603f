"""gpusim from Python: a network is compiled once and run many times.

    import gpusim
    net = gpusim.load("gamma.yaml")
    r = net.run(g_max=0.001)
    r.spikes["interneurons"].t        # ms, one for each spike
    r.measures["cross_correlation"]
    net.sweep({"gaba.g_max": [0.0005, 0.001, 0.0015]})   # a pandas.DataFrame

This file is all there is. It needs NumPy, takes pandas where that is
installed, and starts the program gpusim, which it talks to through pipes
(docs/serve.md). The program is looked for in this order: the argument
``binary``, the environment variable GPUSIM, the folders of PATH, and
``../bin/gpusim`` beside this file, where ``make build`` puts it.

Times are in ms and rates in Hz; all other values are in the units of the
network file. Arrays are float64, whatever the device computes in.

Names are those of the command line: "gaba.g_max" is the parameter (or state)
g_max of the population or projection gaba, "inputs.0.value" the value of the
first input, "run.seed" the seed. A name without its object will do where only
one has it: ``net.run(g_max=0.001)``. A name with a dot stands in a dict:
``net.run({"gaba.g_max": 0.001})``.

Python 3.9 or newer.
"""

from __future__ import annotations

import base64
import json
import math
import numbers
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Union

import numpy as np

__all__ = ["Error", "Network", "Result", "Spikes", "Trace", "load"]

PROTOCOL = 1
_LARGE = 1 << 18  # bytes of an array that goes through a file, not through the pipe


class Error(Exception):
    """What gpusim refuses, or could not do. The message names the place.

    code:     what kind of error it is, such as "bad_file" or "unknown_name";
              docs/serve.md lists them. "no_program" and "closed" are of this file
    place:    file:line:column, or the part of the request; "" where there is none
    problems: for a network file every mistake: place, message and, where there is
              one, hint
    """

    def __init__(self, message: str, code: str = "failed", place: str = "", problems: Sequence[dict] = ()):
        super().__init__(message)
        self.code = code
        self.place = place
        self.problems = list(problems)


class Spikes:
    """The spikes of a population, sorted by step, then by neuron.

    t:    ms, float64, one for each spike
    i:    the neuron, int32, counted from 0
    step: the step of each spike, int64, counted from time 0 through all pieces
    size: neurons of the population
    """

    def __init__(self, population: str, size: int, step: np.ndarray, i: np.ndarray, dt: float):
        self.population = population
        self.size = size
        self.step = step
        self.i = i
        self._dt = dt

    @property
    def t(self) -> np.ndarray:
        """The time of each spike in ms."""
        return self.step * self._dt

    def __len__(self) -> int:
        return len(self.step)

    def __repr__(self) -> str:
        return f"<{len(self)} spikes of {self.size} {self.population}>"


class Trace:
    """A recorded variable, a row for each recorded step.

    values: float64, shape (rows, elements): one a neuron, presynaptic neuron or
            synapse; those of the record's ``of``; or one, their mean
    step:   int64, (rows,); row r is as it was after this step
    t:      ms, (rows,): the end of the step
    """

    def __init__(self, name: str, step: np.ndarray, values: np.ndarray, dt: float):
        self.name = name
        self.step = step
        self.values = values
        self._dt = dt

    @property
    def t(self) -> np.ndarray:
        """The time of each row in ms."""
        return (self.step + 1) * self._dt

    def __len__(self) -> int:
        return len(self.step)

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> np.ndarray:
        if dtype is None or np.dtype(dtype) == self.values.dtype:
            return self.values.copy() if copy else self.values
        return self.values.astype(dtype)

    def __repr__(self) -> str:
        return f"<{self.name}: {self.values.shape[0]} rows of {self.values.shape[1]}>"


class Result:
    """What a run left.

    spikes:   population -> Spikes
    traces:   "object.variable" -> Trace, of what is recorded
    measures: key -> float, NaN where undefined, of the steps of this run
    values:   name -> array, as they are after the run, of what ``want`` names
    counts, rate_hz: population -> number of spikes, rate in Hz
    status:   "ok"; "nan" where a state is not finite, and ``detail`` says which;
              "interrupted"
    first, steps, dt: the first step, how many, and ms a step
    point:    for one of ``run_many`` what the swept names had
    """

    def __init__(self, dt: float, first: int, steps: int):
        self.status = "ok"
        self.detail = ""
        self.first = first
        self.steps = steps
        self.dt = dt
        self.seconds = 0.0
        self.spikes: Dict[str, Spikes] = {}
        self.traces: Dict[str, Trace] = {}
        self.measures: Dict[str, float] = {}
        self.values: Dict[str, Any] = {}
        self.counts: Dict[str, int] = {}
        self.rate_hz: Dict[str, float] = {}
        self.point: Dict[str, float] = {}

    @property
    def ok(self) -> bool:
        """Whether all steps were done and all state is finite."""
        return self.status == "ok"

    def __repr__(self) -> str:
        parts = [f"{n} spikes of {name}" for name, n in self.counts.items()]
        parts += [f"{key} {value:.6g}" for key, value in self.measures.items()]
        if not self.ok:
            parts.append(self.detail or self.status)
        start = self.first * self.dt
        return f"<run from {start:g} to {start + self.steps * self.dt:g} ms: {', '.join(parts)}>"


def load(
    file: Union[str, "os.PathLike[str]", None] = None,
    *,
    text: Optional[str] = None,
    dir: Union[str, "os.PathLike[str]", None] = None,
    set: Optional[Mapping[str, Any]] = None,
    seed: Optional[int] = None,
    start: Optional[float] = None,
    end: Optional[float] = None,
    device: str = "auto",
    plan: Optional[str] = None,
    binary: Union[str, "os.PathLike[str]", None] = None,
    note: Optional[Callable[[str], None]] = None,
) -> "Network":
    """Read a network file and compile it.

    file:   the path of the network file, or
    text:   its text; paths of arrays in it are then relative to ``dir``
    set:    values as --set gives them, before anything is compiled: also those
            that decide the structure, {"interneurons.size": 64, "dt": 0.02}. A
            text is taken as the file has it: {"interneurons.record": "[spikes, V]"}
    seed:   the seed of all draws
    start, end: when the run begins and ends, ms
    device: "auto" (OpenGL, or the processor where there is none), "gpu", "cpu"
    plan:   the kernels to run, as --plan has them; no result depends on it
    binary: the path of the program gpusim
    note:   takes remarks, such as that the network is rebuilt; without it they
            go to standard error
    """
    if (file is None) == (text is None):
        raise TypeError("load() takes the path of a network file, or text=")
    server = _Server(_find(binary), note or _print_note)
    try:
        request: Dict[str, Any] = {"device": device, "arrays": {"dir": server.folder, "over": _LARGE}}
        if file is not None:
            request["file"] = os.fspath(file)
        else:
            request.update(text=text, dir=os.fspath(dir) if dir is not None else ".")
        for key, value in (("seed", seed), ("from", start), ("to", end), ("plan", plan)):
            if value is not None:
                request[key] = value
        if set is not None:
            request["set"] = {name: _setting(value) for name, value in set.items()}
        return Network(server, server.call("load", request))
    except BaseException:
        server.close()
        raise


class Network:
    """A compiled network. ``gpusim.load`` makes it.

    It is a context manager: ``with gpusim.load(...) as net:`` frees the device
    at the end. So do ``net.close()`` and the end of the program.

    name:        of the network
    dt, duration: ms
    device:      {"device", "driver", "engine", "precision"}
    populations: name -> number of neurons
    info:        all that there is to know, as docs/serve.md describes it: every
                 value with its shape, every measure with its unit
    """

    def __init__(self, server: "_Server", info: dict):
        self._server = server
        self._info(info)

    def _info(self, info: dict) -> None:
        self.info = info
        self.name: str = info["name"]
        self.dt: float = info["dt_ms"]
        self.duration: float = info["duration_ms"]
        self.device: Dict[str, str] = info["device"]
        self.populations: Dict[str, int] = {p["name"]: p["size"] for p in info["populations"]}
        self._start: int = round(info["start_ms"] / self.dt)
        self._step: int = info["step"]

    @property
    def names(self) -> List[str]:
        """All names that can be set."""
        return [v["name"] for v in self.info["values"] if v["settable"]]

    @property
    def time(self) -> float:
        """The time in ms at which the next run with reset=False begins."""
        return self._step * self.dt

    def set(self, values: Optional[Mapping[str, Any]] = None, /, **names: Any) -> None:
        """Give names values, for all runs from now on.

        A value is a number, or an array of one for each neuron, synapse or sample.
        What is computed from a name follows. A state that is set before the first
        step has another starting value, which ``reset`` goes back to; later, the
        state itself is changed, once. Where one value is refused none is set.
        """
        with self._server.files() as files:
            self._server.call("set", {"values": files.encode(values, names)})

    def get(self, name: str) -> Any:
        """A value as it is now: a float where all elements share one, else an array.

        States have one for each neuron, and those of projections one for each
        presynaptic neuron where these are proven equal, else one for each synapse.
        """
        values = self._server.call("get", {"names": [name]})["values"]
        return _array(next(iter(values.values())))

    def run(
        self,
        values: Optional[Mapping[str, Any]] = None,
        /,
        *,
        duration: Optional[float] = None,
        steps: Optional[int] = None,
        reset: bool = True,
        want: Optional[Sequence[str]] = None,
        **names: Any,
    ) -> Result:
        """Run the network, and give what it left.

        values, names: what to set for this run alone: after it all is as it was,
                so that a run does not depend on those before. ``set`` is for good.
        duration, steps: how long, ms or steps; the duration of the file without
        reset:  True begins from the start, as a search wants it; False goes on
                from where the last run ended. Runs that follow one another so are
                the whole run, bit for bit.
        want:   what to bring back: any of "spikes", "traces", "measures", "state",
                and names such as "interneurons.V", whose values after the run are
                then in ``values``. Without it spikes, traces and measures. A loop of
                many short runs is faster with what it needs alone.

        Ctrl-C ends it after the slice of steps in hand, and the network can be used
        on. A state that is not finite is no exception: see Result.status.
        """
        request: Dict[str, Any] = {}
        if not reset:
            request["reset"] = False
        _span(request, duration, steps, want)
        with self._server.files() as files:
            if values or names:
                request["set"] = files.encode(values, names)
            answer = self._server.call("run", request)
        r = _result(answer)
        self._step = r.first + r.steps
        return r

    def sweep(
        self,
        points: Optional[Mapping[str, Sequence[float]]] = None,
        /,
        *,
        zip: bool = False,
        duration: Optional[float] = None,
        steps: Optional[int] = None,
        frame: Optional[bool] = None,
        **names: Any,
    ) -> Any:
        """Run many points side by side, and give a row of numbers for each.

        points: name -> the values it takes. Several names make a grid, the last
                varying fastest; with zip=True they go side by side. Without points:
                the sweep of the file.
        names:  what to set beside, for this sweep alone
        frame:  True for a pandas.DataFrame, False for a dict of arrays; without it
                a DataFrame where pandas is installed, else the dict

        The columns are those of sweep.csv: one a name, one a measure (NaN where it
        is undefined), spikes, rate_hz, and status, "ok" or "nan". Every point begins
        from the start; where the network itself stands does not change. The next
        sweep of as many points compiles nothing.
        """
        answer = self._sweep(points, zip, duration, steps, None, names)
        table = {c["name"]: _column(c["values"]) for c in answer["columns"]}
        if frame is False:
            return table
        try:
            import pandas
        except ImportError:
            if frame:
                raise
            return table
        return pandas.DataFrame(table)

    def run_many(
        self,
        points: Optional[Mapping[str, Sequence[float]]] = None,
        /,
        *,
        zip: bool = False,
        duration: Optional[float] = None,
        steps: Optional[int] = None,
        want: Sequence[str] = ("spikes", "traces", "measures"),
        **names: Any,
    ) -> List[Result]:
        """``sweep`` that gives a Result for each point, with spikes, traces and values.

        The runs go side by side on the device, and each is what ``run`` with the
        values of its point gives, bit for bit.
        """
        answer = self._sweep(points, zip, duration, steps, want, names)
        return _results(answer, want, self._start, list(self.populations.items()))

    def _sweep(self, points, zip, duration, steps, want, names) -> dict:
        request: Dict[str, Any] = {}
        if zip:
            request["zip"] = True
        if want is not None:
            want = [w for w in want if w != "measures"]  # they are columns
        _span(request, duration, steps, want)
        with self._server.files() as files:
            if points is not None:
                request["points"] = {name: files.axis(name, list_) for name, list_ in points.items()}
            if names:
                request["set"] = files.encode(None, names)
            return self._server.call("sweep", request)

    def reset(self) -> None:
        """Go back to the start: state, clock, spikes in flight. What was set stays."""
        self._server.call("reset", {})
        self._step = self._start

    def record(self, of: str, *variables: Union[str, Mapping[str, Any]]) -> None:
        """Change what is recorded of a population or projection, for runs from now on.

        A variable is a name, "V", or a dict: {"name": "V", "every": 25, "of": [0, 5],
        "mean": False}. They take the place of those recorded before; none records
        none. Spikes are always there.
        """
        self._server.call("record", {"of": of, "variables": [v if isinstance(v, str) else dict(v) for v in variables]})

    def describe(self) -> dict:
        """``info`` as it is now."""
        self._info(self._server.call("describe", {}))
        return self.info

    def counters(self) -> dict:
        """What the work on the device was: programs built, dispatches, bytes."""
        return self._server.call("counters", {})

    def cancel(self) -> None:
        """End the run in hand after its slice; for another thread."""
        self._server.cancel()

    def close(self) -> None:
        """Free the device and end the program. Closing twice is no error."""
        self._server.close()

    def __enter__(self) -> "Network":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __reduce__(self) -> Any:
        raise TypeError("a gpusim.Network cannot be sent to another process: load the file there")

    def __repr__(self) -> str:
        neurons = ", ".join(f"{size} {name}" for name, size in self.populations.items())
        state = "closed" if self._server.closed else f"at {self.time:g} ms"
        return f"<gpusim.Network {self.name!r}: {neurons}; {self.device['device']}, {self.device['precision']}; {state}>"


def _span(request: dict, duration: Optional[float], steps: Optional[int], want: Optional[Sequence[str]]) -> None:
    if duration is not None:
        request["duration"] = float(duration)
    if steps is not None:
        request["steps"] = int(steps)
    if want is not None:
        if isinstance(want, str):
            raise TypeError(f"want is a list, [{want!r}]")
        request["want"] = list(want)


def _setting(value: Any) -> Any:
    """A value of load(set=...): the server takes numbers and texts."""
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    return str(value)


def _array(x: dict) -> Any:
    """The array, or the number, that an answer has."""
    if "npy" in x:
        out = np.load(x["npy"])
        os.unlink(x["npy"])
        return out
    out = np.frombuffer(bytearray(base64.b64decode(x["base64"])), dtype=x["dtype"])
    if not x["shape"]:
        return float(out[0])
    return out.reshape(x["shape"])


def _column(x: Any) -> np.ndarray:
    return np.array(x) if isinstance(x, list) else _array(x)


def _result(answer: dict) -> Result:
    dt = answer["dt_ms"]
    r = Result(dt, answer["first"], answer["steps"])
    r.status = answer["status"]
    r.detail = answer.get("detail", "")
    r.seconds = answer["seconds"]
    for name, p in answer["populations"].items():
        r.counts[name] = p["spikes"]
        r.rate_hz[name] = p["rate_hz"]
    for key, value in answer.get("measures", {}).items():
        r.measures[key] = math.nan if value is None else value
    for name, x in answer.get("spikes", {}).items():
        size = answer["populations"][name]["size"]
        r.spikes[name] = Spikes(name, size, _array(x["step"]), _array(x["neuron"]), dt)
    for x in answer.get("traces", ()):
        r.traces[x["name"]] = Trace(x["name"], _array(x["step"]), _array(x["values"]), dt)
    for name, x in answer["values"].items():
        r.values[name] = _array(x)
    return r


def _results(answer: dict, want: Sequence[str], start: int, populations: list) -> List[Result]:
    """The results of the points of a sweep, which come joined."""
    dt, steps, points = answer["dt_ms"], answer["steps"], answer["points"]
    columns = {c["name"]: _column(c["values"]) for c in answer["columns"]}
    before = [name + "." if len(populations) > 1 else "" for name, _ in populations]
    own = {b + c for b in before for c in ("spikes", "rate_hz")} | {"status"}
    swept = answer["swept"]
    measures = [name for name in columns if name not in own and name not in swept]
    trains = {}
    for name, x in answer.get("spikes", {}).items():
        ends = np.cumsum(_array(x["counts"]))[:-1]
        trains[name] = (np.split(_array(x["step"]), ends), np.split(_array(x["neuron"]), ends))
    traces = [(x["name"], _array(x["step"]), _array(x["values"])) for x in answer.get("traces", ())]
    values = {name: _array(x) for name, x in answer["values"].items()}
    out = []
    for k in range(points):
        r = Result(dt, start, steps)
        r.status = str(columns["status"][k])
        r.detail = answer["details"][k]
        r.point = {name: float(columns[name][k]) for name in swept}
        if "measures" in want:
            r.measures = {key: float(columns[key][k]) for key in measures}
        for (name, size), b in zip(populations, before):
            r.counts[name] = int(columns[b + "spikes"][k])
            r.rate_hz[name] = float(columns[b + "rate_hz"][k])
            if name in trains:
                r.spikes[name] = Spikes(name, size, trains[name][0][k], trains[name][1][k], dt)
        for name, step, rows in traces:
            r.traces[name] = Trace(name, step, rows[k], dt)
        for name, rows in values.items():
            r.values[name] = float(rows[k]) if rows.ndim == 1 else rows[k]
        out.append(r)
    return out


def _print_note(text: str) -> None:
    print(f"gpusim: {text}", file=sys.stderr)


def _find(binary: Union[str, "os.PathLike[str]", None]) -> str:
    """The path of the program."""
    if binary is not None:
        return _program(os.fspath(binary), "binary=")
    if os.environ.get("GPUSIM"):
        return _program(os.environ["GPUSIM"], "the environment variable GPUSIM")
    found = shutil.which("gpusim")
    if found:
        return found
    name = "gpusim.exe" if os.name == "nt" else "gpusim"
    beside = Path(__file__).resolve().parent.parent / "bin" / name
    if beside.is_file():
        return str(beside)
    raise Error(
        f"the program gpusim is not to be found: not in PATH, and there is no {beside}. "
        "Build it with make build, or say where it is: binary=, or the environment variable GPUSIM",
        "no_program",
    )


def _program(path: str, source: str) -> str:
    found = shutil.which(path)
    if not found:
        raise Error(f"{source}: there is no program {path}", "no_program")
    return found


class _Files:
    """Values on their way to the program, and the files that large ones take."""

    def __init__(self, folder: str):
        self._folder = folder
        self._made: List[str] = []

    def __enter__(self) -> "_Files":
        return self

    def __exit__(self, *_: Any) -> None:
        for path in self._made:
            os.unlink(path)

    def encode(self, values: Optional[Mapping[str, Any]], names: Mapping[str, Any]) -> dict:
        if values is not None and not isinstance(values, Mapping):
            raise TypeError(f"values are a dict of names, not {type(values).__name__}; a duration is duration=")
        out = {name: self.value(name, x) for name, x in (values or {}).items()}
        for name, x in names.items():
            if name in out:
                raise TypeError(f"{name} is given twice")
            out[name] = self.value(name, x)
        return out

    def value(self, name: str, x: Any) -> Any:
        if isinstance(x, numbers.Real):
            if math.isfinite(x):
                return int(x) if isinstance(x, numbers.Integral) else float(x)
        try:
            data = np.asarray(x)
        except ValueError:
            data = np.asarray(None)  # lists of several lengths
        if data.dtype.kind not in "biuf":
            raise TypeError(f"{name}: a value is a number or an array of numbers, not {type(x).__name__}")
        data = data.astype("<f8")
        if data.nbytes > _LARGE:
            handle, path = tempfile.mkstemp(".npy", dir=self._folder)
            self._made.append(path)
            with os.fdopen(handle, "wb") as f:
                np.save(f, data)
            return {"npy": path}
        raw = base64.b64encode(np.ascontiguousarray(data).tobytes()).decode()
        return {"dtype": "<f8", "shape": list(data.shape), "base64": raw}

    def axis(self, name: str, list_: Any) -> Any:
        if not isinstance(list_, np.ndarray):
            list_ = list(list_) if hasattr(list_, "__iter__") and not isinstance(list_, str) else list_
        data = np.asarray(list_)
        if data.ndim != 1:
            raise TypeError(f"{name}: the values of a sweep are a list of numbers, one for each point")
        return self.value(name, data)


class _Server:
    """The program, and the lines to and from it."""

    def __init__(self, program: str, note: Callable[[str], None]):
        self._note = note
        self._pid = os.getpid()
        self._last = 0
        self._buffer = bytearray()
        self._searched = 0
        self._calls = threading.Lock()
        self._writes = threading.Lock()
        self._writing = False
        self._interrupts = 0
        self.folder = tempfile.mkdtemp(prefix="gpusim-")
        self._stderr = tempfile.TemporaryFile()
        # In a session of its own, so that Ctrl-C of a terminal does not end it.
        own: Dict[str, Any] = {"start_new_session": True}
        if os.name == "nt":
            own = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        try:
            self._process = subprocess.Popen(
                [program, "serve", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr, bufsize=0, **own
            )
        except OSError as e:
            os.rmdir(self.folder)
            self._stderr.close()
            raise Error(f"{program} cannot be started: {e.strerror}", "no_program") from e
        self._in = self._process.stdin.fileno()
        self._out = self._process.stdout.fileno()
        self._end = weakref.finalize(self, _end, self._process, self.folder, self._stderr, self._pid)
        hello = self._parse(self._line())
        if hello.get("gpusim_protocol") != PROTOCOL:
            self.close()
            raise Error(f"{program} speaks protocol {hello.get('gpusim_protocol')}, and this file protocol {PROTOCOL}: take both from one version", "no_program")

    @property
    def closed(self) -> bool:
        return not self._end.alive

    def files(self) -> _Files:
        return _Files(self.folder)

    def call(self, op: str, request: dict) -> dict:
        """Send a request and give its result."""
        with self._calls:
            if self.closed:
                raise Error("the network is closed", "closed")
            if os.getpid() != self._pid:
                raise Error("the network was loaded by another process, before a fork: load the file in this one", "closed")
            self._last += 1
            ident = self._last
            line = json.dumps({"id": ident, "op": op, **request}).encode() + b"\n"
            before = self._guard()
            answered = False
            try:
                self._writing = True
                self._write(line)
                self._writing = False
                if self._interrupts:
                    self.cancel()
                message = self._answer(ident)
                answered = True
            finally:
                self._writing = False
                if before is not None:
                    signal.signal(signal.SIGINT, before)
                if not answered and not self.closed:
                    self._cancel_quietly()  # its answer is passed over by the next call
            if self._interrupts:
                before(signal.SIGINT, None)  # raises KeyboardInterrupt
        if "error" in message:
            e = message["error"]
            raise Error(e["message"], e["code"], e.get("place", ""), e.get("problems", ()))
        return message["result"]

    def _guard(self) -> Any:
        """Have Ctrl-C cancel the request, and be raised once that is answered, so
        that no line is read in part. A second one ends the program."""
        self._interrupts = 0
        if threading.current_thread() is not threading.main_thread():
            return None
        before = signal.getsignal(signal.SIGINT)
        if not callable(before):
            return None

        def interrupted(_number: int, _frame: Any) -> None:
            self._interrupts += 1
            if self._interrupts > 1:
                self._process.kill()
            elif not self._writing:
                self._cancel_quietly()

        signal.signal(signal.SIGINT, interrupted)
        return before

    def _answer(self, ident: int) -> dict:
        while True:
            try:
                message = self._parse(self._line())
            except Error:
                if self._interrupts > 1:
                    self.close()
                    raise KeyboardInterrupt from None
                raise
            if message.get("id") != ident or "progress" in message:
                continue
            if "note" not in message:
                return message
            self._note(message["note"])

    def cancel(self) -> None:
        """Cancel what is going on. Its answer, and that of this, come in turn."""
        self._write(b'{"id":0,"op":"cancel"}\n')

    def _cancel_quietly(self) -> None:
        try:
            self.cancel()
        except Error:
            pass

    def _write(self, line: bytes) -> None:
        try:
            with self._writes:
                rest = memoryview(line)
                while rest:
                    rest = rest[os.write(self._in, rest) :]
        except OSError:
            raise self._died() from None

    def _line(self) -> bytes:
        while True:
            end = self._buffer.find(b"\n", self._searched)
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                self._searched = 0
                return line
            self._searched = len(self._buffer)
            part = os.read(self._out, 1 << 20)
            if not part:
                raise self._died()
            self._buffer += part

    def _parse(self, line: bytes) -> dict:
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            self.close()
            raise Error(f"the program said something that is no answer: {line[:200]!r}")
        return message

    def _died(self) -> Error:
        code = self._process.wait()
        self._stderr.seek(0)
        said = self._stderr.read()[-2000:].decode(errors="replace").strip()
        self.close()
        return Error(f"the program has ended (exit code {code})" + (f": {said}" if said else ""))

    def close(self) -> None:
        self._end()


def _end(process: "subprocess.Popen[bytes]", folder: str, stderr: Any, pid: int) -> None:
    """End the program: it does at the end of its input."""
    if os.getpid() != pid:
        return  # a fork: it is not ours
    process.stdin.close()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
    stderr.close()
    shutil.rmtree(folder, ignore_errors=True)
