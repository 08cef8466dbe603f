"""Tests of python/gpusim.py against the program, on both engines."""

import csv
import json
import math
import os
import pickle
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import pandas

import gpusim

ROOT = Path(os.environ["GPUSIM_ROOT"])
PROGRAM = os.environ["GPUSIM"]
GAMMA = str(ROOT / "examples" / "gamma.yaml")
DEVICES = ("cpu", "gpu")

# No spikes and no records: a run of it may be as long as it likes.
QUIET = """
gpusim: 1
name: quiet
dt: 0.1
models:
  m: {kind: neuron, parameters: {tau: 10, a: 1}, state: {V: 0}, input: I, equations: dV/dt = (a - V + I)/tau}
populations:
  p: {model: m, size: 3}
  q: {model: m, size: 2}
inputs: [{to: p.I, value: 0}]
run: {duration: 1}
"""

# Delays, spikes in flight, recorded rows, two populations, draws.
DELAYED = """
gpusim: 1
name: delayed
dt: 0.1
models:
  s: {kind: synapse, parameters: {tau: 5, w: 1}, state: {s: 0}, equations: ds/dt = -s/tau, on_pre: s += 1, output: post.inp += w*s}
populations:
  cells: {model: lif, size: 40, groups: {E: [0, 30], I: [30, 40]}, init: {V: "uniform(-65, -50)"}, record: [spikes, {V: {every: 7, of: [0, 35]}}]}
  others: {model: lif, size: 5, init: {V: -52}, record: [spikes]}
projections:
  exc: {model: s, from: cells.E, to: cells, connect: {fixed_probability: {p: 0.3}}, parameters: {w: 0.5}, delay: 1.5}
  inh: {model: s, from: cells.I, to: cells, connect: {fixed_probability: {p: 0.4}}, parameters: {w: -2}, delay: 0.8}
  out: {model: s, from: cells.E, to: others, connect: {all_to_all: {}}, parameters: {w: 0.2}, delay: 2}
inputs: [{to: cells.inp, value: 18}]
run: {duration: 60, seed: 3}
measure: [{rate: {of: cells}}, {isi_cv: {of: others}}, {voltage_fluctuation: {of: cells.E}}]
sweep: {exc.w: {from: 0.2, to: 0.6, points: 3}, inputs.0.value: {values: [17, 19]}}
"""


def command(*args, code=0):
    """What the command line leaves."""
    out = subprocess.run([PROGRAM, *args, "--quiet"], capture_output=True, text=True)
    if out.returncode != code:
        raise AssertionError(out.stderr)


class EqualsTheCommandLine(unittest.TestCase):
    """Bit for bit, on both engines."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = Path(folder.name)
        self.delayed = str(self.dir / "delayed.yaml")
        Path(self.delayed).write_text(DELAYED)

    def of_run(self, file, device, *flags):
        out = str(self.dir / "out")
        command("run", file, "--device", device, "--out", out, "--force", *flags)
        arrays = [np.load(os.path.join(out, name + ".npz")) for name in ("spikes", "state")]
        traces = os.path.join(out, "traces.npz")
        arrays.append(np.load(traces) if os.path.exists(traces) else {})
        return *arrays, json.loads(Path(out, "summary.json").read_text())

    def same(self, r, spikes, state, traces, summary):
        for name, s in r.spikes.items():
            np.testing.assert_array_equal(s.step, spikes[name + ".step"])
            np.testing.assert_array_equal(s.i, spikes[name + ".neuron"])
            np.testing.assert_array_equal(s.t, spikes[name + ".step"] * spikes["dt"])
            self.assertEqual((s.step.dtype, s.i.dtype), (np.int64, np.int32))
            self.assertEqual(len(s), summary["populations"][name]["spikes"])
            self.assertEqual(s.size, summary["populations"][name]["size"])
            self.assertEqual(r.rate_hz[name], summary["populations"][name]["rate_hz"])
        self.assertEqual({k: None if math.isnan(v) else v for k, v in r.measures.items()}, summary["measures"])
        for name, t in r.traces.items():
            np.testing.assert_array_equal(t.step, traces[name + ".step"])
            np.testing.assert_array_equal(t, traces[name])
        self.assertEqual(2 * len(r.traces), len(traces))
        for name, values in r.values.items():
            np.testing.assert_array_equal(values, state[name])

    def test_run(self):
        want = ["spikes", "traces", "measures", "state"]
        for device in DEVICES:
            with self.subTest(device), gpusim.load(GAMMA, device=device, end=60) as net:
                for g in (0.0008, 0.0015):
                    r = net.run({"gaba.g_max": g}, want=want)
                    self.same(r, *self.of_run(GAMMA, device, "--to", "60", "--set", f"gaba.g_max={g}"))
                    self.assertTrue(r.ok)
                    self.assertIn("interneurons.h", r.values)
            with self.subTest(device), gpusim.load(self.delayed, device=device) as net:
                for seed, w in ((3, 0.5), (4, 0.3)):
                    # Synapses are drawn by the file's seed.
                    r = net.run({"run.seed": seed, "exc.w": w}, want=want)
                    flags = ("--set", f"exc.w={w}", "--seed", str(seed), "--set", "exc.connect.fixed_probability.seed=3", "--set", "inh.connect.fixed_probability.seed=3")
                    self.same(r, *self.of_run(self.delayed, device, *flags))
                    self.assertEqual(r.traces["cells.V"].values.shape[1], 2)
                    self.assertEqual(r.traces["cells.V"].t[1], 8 * net.dt)

    def test_pieces(self):
        for device in DEVICES:
            with self.subTest(device), gpusim.load(self.delayed, device=device) as net:
                whole = net.run(want=["spikes", "traces", "state"])
                net.reset()
                pieces = [net.run(reset=False, duration=ms, want=["spikes", "traces", "state"]) for ms in (0.1, 20.2, 0, 39.7)]
                for name, s in whole.spikes.items():
                    np.testing.assert_array_equal(np.concatenate([p.spikes[name].step for p in pieces]), s.step)
                    np.testing.assert_array_equal(np.concatenate([p.spikes[name].i for p in pieces]), s.i)
                np.testing.assert_array_equal(np.concatenate([p.traces["cells.V"] for p in pieces]), whole.traces["cells.V"])
                for name, values in whole.values.items():
                    np.testing.assert_array_equal(pieces[-1].values[name], values)
                self.assertEqual([p.first for p in pieces], [0, 1, 203, 203])
                self.assertEqual(net.time, 60)

    def test_sweep(self):
        def rows(file, device, *flags):
            out = str(self.dir / "sweep")
            command("sweep", file, "--device", device, "--out", out, "--force", *flags)
            with open(os.path.join(out, "sweep.csv"), newline="") as f:
                return list(csv.DictReader(f))

        def same(frame, rows):
            self.assertEqual(list(frame.columns), list(rows[0]))
            self.assertEqual(len(frame), len(rows))
            for k, row in enumerate(rows):
                for name, cell in row.items():
                    got = frame[name][k]
                    if name == "status":
                        self.assertEqual(got, cell)
                    elif cell == "":
                        self.assertTrue(math.isnan(got))
                    else:
                        self.assertEqual(float(got), float(cell), (name, k))

        for device in DEVICES:
            with self.subTest(device), gpusim.load(GAMMA, device=device, end=60) as net:
                values = np.linspace(0.0005, 0.0015, 5)
                csv_rows = rows(GAMMA, device, "--to", "60", "--param", "gaba.g_max=0.0005:0.0015:5")
                built = []
                for _ in range(3):
                    frame = net.sweep({"g_max": values})
                    self.assertIsInstance(frame, pandas.DataFrame)
                    same(frame, csv_rows)
                    built.append(net.counters()["programs_built"])
                self.assertEqual(len(set(built)), 1, built)
            with self.subTest(device), gpusim.load(self.delayed, device=device) as net:
                csv_rows = rows(self.delayed, device)
                net.run(duration=5)  # which a sweep does not look at
                V = net.get("cells.V")
                same(net.sweep(), csv_rows)
                same(net.sweep({"exc.w": [0.2, 0.4, 0.6], "inputs.0.value": [17, 19]}), csv_rows)
                np.testing.assert_array_equal(net.get("cells.V"), V)
                self.assertEqual(net.time, 5)
                zipped = net.sweep({"exc.w": [0.2, 0.6], "inputs.0.value": [19, 17]}, zip=True)
                same(zipped, [csv_rows[1], csv_rows[4]])

    def test_not_finite(self):
        for device in DEVICES:
            with self.subTest(device), gpusim.load(GAMMA, device=device, end=5) as net:
                frame = net.sweep({"interneurons.C": [1, 0]})
                self.assertEqual(list(frame.status), ["ok", "nan"])
                self.assertTrue(math.isnan(frame.cross_correlation[1]))
                r = net.run({"interneurons.C": 0})
                self.assertEqual((r.status, r.ok), ("nan", False))
                self.assertIn("interneurons.V of neuron 0 is not finite", r.detail)
                self.assertIn(r.detail, repr(r))
                self.assertTrue(math.isnan(r.measures["cross_correlation"]))
                many = net.run_many({"interneurons.C": [1, 0]})
                self.assertEqual([m.status for m in many], ["ok", "nan"])
                self.assertIn("is not finite", many[1].detail)
                self.assertTrue(net.run().ok)

    def test_run_many(self):
        for device in DEVICES:
            with self.subTest(device), gpusim.load(self.delayed, device=device) as net:
                want = ["spikes", "traces", "measures", "others.V", "exc.w"]
                many = net.run_many({"exc.w": [0.2, 0.5, 0.9], "others.V": [-51, -60]}, want=want)
                self.assertEqual(len(many), 6)
                for r in many:
                    one = net.run(r.point, want=want)
                    self.assertEqual(one.point, {})
                    for name, s in one.spikes.items():
                        np.testing.assert_array_equal(r.spikes[name].step, s.step)
                        np.testing.assert_array_equal(r.spikes[name].i, s.i)
                    np.testing.assert_array_equal(r.traces["cells.V"], one.traces["cells.V"])
                    np.testing.assert_array_equal(r.traces["cells.V"].t, one.traces["cells.V"].t)
                    np.testing.assert_array_equal(r.values["others.V"], one.values["others.V"])
                    self.assertEqual(r.values["exc.w"], r.point["exc.w"])
                    self.assertEqual(str(r.measures), str(one.measures))
                    self.assertEqual((r.counts, r.rate_hz, r.first, r.steps), (one.counts, one.rate_hz, one.first, one.steps))


class Values(unittest.TestCase):
    def test_run_is_for_itself(self):
        with gpusim.load(GAMMA, device="cpu", end=40, note=lambda _: None) as net:
            first = net.run()
            other = net.run(g_max=0.01, **{"inputs.0.value": np.linspace(1, 1.5, 100), "run.seed": 5})
            again = net.run()
            np.testing.assert_array_equal(first.spikes["interneurons"].step, again.spikes["interneurons"].step)
            self.assertNotEqual(len(first.spikes["interneurons"]), len(other.spikes["interneurons"]))
            self.assertEqual(net.get("g_max"), 0.001)
            net.set({"gaba.g_max": 0.01}, E=-80)
            self.assertEqual((net.get("gaba.g_max"), net.get("E")), (0.01, -80))
            self.assertEqual(net.run(g_max=0.001).counts, net.run({"gaba.g_max": 0.001}).counts)
            self.assertEqual(net.get("g_max"), 0.01)
            self.assertEqual(len(net.sweep({"run.seed": [1, 2]}, E=-75)), 2)
            self.assertEqual(net.get("E"), -80)

    def test_shapes(self):
        with gpusim.load(text=QUIET, device="cpu") as net:
            self.assertIsInstance(net.get("p.tau"), float)
            self.assertEqual(net.get("p.V").shape, (3,))
            net.set({"p.V": range(3), "q.V": np.float32(0.5), "p.tau": np.int64(5)})
            np.testing.assert_array_equal(net.get("p.V"), [0.0, 1.0, 2.0])
            self.assertEqual(net.get("p.tau"), 5)
            V = net.get("p.V")
            V += 1  # an array of one's own
            net.set({"p.V": V[::-1]})
            np.testing.assert_array_equal(net.get("p.V"), [3.0, 2.0, 1.0])
            self.assertIn("inputs.0.value", net.names)
            self.assertEqual(net.populations, {"p": 3, "q": 2})
            self.assertEqual((net.dt, net.duration, net.name, net.time), (0.1, 1, "quiet", 0))
            self.assertIn("3 p, 2 q", repr(net))
            self.assertEqual(repr(net.run(steps=5)), "<run from 0 to 0.5 ms: 0 spikes of p, 0 spikes of q>")

    def test_large_arrays_go_through_files(self):
        n = 50_000
        with gpusim.load(text=QUIET, device="cpu", set={"p.size": n, "p.record": "[V]"}) as net:
            values = np.arange(n) / 7
            net.set({"p.V": values})
            np.testing.assert_array_equal(net.get("p.V"), values)
            r = net.run({"p.V": -values}, steps=3, want=["traces", "p.V"])
            self.assertEqual(r.traces["p.V"].values.shape, (3, n))
            np.testing.assert_array_equal(r.traces["p.V"].values[-1], r.values["p.V"])
            folder = net._server.folder
            self.assertEqual(os.listdir(folder), [])
        self.assertFalse(os.path.exists(folder))

    def test_records(self):
        notes = []
        with gpusim.load(text=QUIET, device="cpu", note=notes.append) as net:
            self.assertEqual(net.run().traces, {})
            net.record("p", "I", {"name": "V", "every": 2, "of": [0, 2]})
            self.assertEqual(notes, ['The current recorded variables (I, V of elements 0 2 every 2 steps) of "p" are different from the last (none). The network will be rebuilt.'])
            r = net.run({"inputs.0.value": 3})
            self.assertEqual(r.traces["p.V"].values.shape, (5, 2))
            np.testing.assert_array_equal(r.traces["p.I"], np.full((10, 3), 3.0))
            np.testing.assert_array_equal(np.asarray(r.traces["p.I"], dtype=int), np.full((10, 3), 3))
            self.assertEqual(len(r.traces["p.V"]), 5)
            self.assertEqual(repr(r.traces["p.V"]), "<p.V: 5 rows of 2>")
            self.assertEqual([x["name"] for x in net.describe()["populations"][0]["record"]], ["I", "V"])
            net.record("p")
            self.assertEqual(net.run().traces, {})

    def test_frames(self):
        with gpusim.load(text=QUIET, device="cpu") as net:
            points = {"p.tau": (x for x in (5, 10))}
            table = net.sweep(points, frame=False)
            self.assertIsInstance(table, dict)
            np.testing.assert_array_equal(table["p.tau"], [5.0, 10.0])
            self.assertEqual(list(table["status"]), ["ok", "ok"])
            with mock.patch.dict(sys.modules, {"pandas": None}):
                self.assertIsInstance(net.sweep({"p.tau": [5]}), dict)
                with self.assertRaises(ImportError):
                    net.sweep({"p.tau": [5]}, frame=True)


class Errors(unittest.TestCase):
    def refused(self, message, code, place, call, *args, **names):
        with self.assertRaises(gpusim.Error) as c:
            call(*args, **names)
        self.assertEqual((str(c.exception), c.exception.code, c.exception.place), (message, code, place))

    def test_refused(self):
        with gpusim.load(text=QUIET, device="cpu") as net:
            self.refused('"tau" is that of several: give one of p.tau, q.tau', "unknown_name", "set.tau", net.run, tau=5)
            self.refused('there is no "tua" in this network; did you mean tau?', "unknown_name", "values.tua", net.set, tua=5)
            self.refused('there is no "p.tua" in this network; did you mean p.tau?', "unknown_name", "names", net.get, "p.tua")
            self.refused("p.tau: 2 values given, expected 1 or 3 (one a neuron)", "bad_shape", "values.p.tau", net.set, {"p.tau": [1, 2]})
            self.refused("p.tau: the value is NaN", "not_finite", "values.p.tau", net.set, {"p.tau": math.nan})
            self.refused("points.p.tau: value 1 is +Inf", "not_finite", "points.p.tau", net.sweep, {"p.tau": [1, math.inf]})
            self.refused("points: the file has no sweep: give names, each with its values", "bad_request", "points", net.sweep)
            self.refused("steps: a run has steps or a duration, not both", "bad_request", "steps", net.run, steps=1, duration=1)
            for call in (lambda: net.run(500), lambda: net.set({"p.tau": "5"}), lambda: net.set({"p.tau": [[1], [1, 2]]}), lambda: net.set({"p.tau": None}), lambda: net.sweep({"p.tau": 5}), lambda: net.sweep({"p.tau": "5"}),
                         lambda: net.run(want="spikes"), lambda: net.set({"x": 1}, x=2), lambda: gpusim.load(), lambda: pickle.dumps(net)):
                with self.assertRaises(TypeError):
                    call()
            self.assertTrue(net.run().ok)

    def test_bad_file(self):
        with self.assertRaises(gpusim.Error) as c:
            gpusim.load(text=QUIET.replace("tau: 10", "tua: 10"), device="cpu")
        e = c.exception
        self.assertEqual((e.code, e.place), ("bad_file", "text:6:106"))
        self.assertTrue(str(e).startswith('text:6:106: unknown name "tau" in dV/dt\n'), str(e))
        self.assertEqual(e.problems[0]["hint"], "did you mean tua?")
        self.refused("stat no.yaml: no such file or directory", "bad_file", "file", gpusim.load, "no.yaml")

    def test_load(self):
        with tempfile.TemporaryDirectory() as folder:
            np.save(Path(folder, "v.npy"), np.arange(3.0))
            text = QUIET.replace("p: {model: m, size: 3}", "p: {model: m, size: 3, init: {V: file(v.npy)}}")
            with gpusim.load(text=text, dir=folder, device="cpu", set={"dt": 0.2, "p.a": np.float64(2), "run.duration": "4", "name": "other"}, seed=2**64 - 1, start=1, end=3) as net:
                self.assertEqual((net.dt, net.duration, net.time, net.name, net.get("p.a")), (0.2, 2, 1, "other", 2))
                np.testing.assert_array_equal(net.get("p.V"), [0.0, 1.0, 2.0])
                self.assertEqual(net.run().first, 5)
                self.assertEqual(net.run_many({"p.a": [1]})[0].first, 5)
                net.reset()
                self.assertEqual(net.time, 1)
        with gpusim.load(GAMMA, device="gpu", plan="stepped:64", end=1) as net:
            self.assertTrue(any("stepped" in line for line in net.info["plan"]))

    def test_closed(self):
        net = gpusim.load(text=QUIET, device="cpu")
        process = net._server._process
        net.close()
        net.close()
        self.assertEqual(process.returncode, 0)
        self.assertIn("closed", repr(net))
        self.refused("the network is closed", "closed", "", net.run)
        # Without close: the end of the object is the end of the program.
        net = gpusim.load(text=QUIET, device="cpu")
        process = net._server._process
        del net
        self.assertEqual(process.returncode, 0)

    def test_killed(self):
        net = gpusim.load(text=QUIET, device="cpu")
        net._server._process.kill()
        self.refused("the program has ended (exit code -9)", "failed", "", net.run)
        self.refused("the network is closed", "closed", "", net.run)

    def test_fork(self):
        with gpusim.load(text=QUIET, device="cpu") as net:
            read, write = os.pipe()
            child = os.fork()
            if child == 0:
                try:
                    net.run()
                except gpusim.Error as e:
                    os.write(write, str(e).encode())
                os._exit(0)
            os.waitpid(child, 0)
            os.close(write)
            with os.fdopen(read) as f:
                self.assertEqual(f.read(), "the network was loaded by another process, before a fork: load the file in this one")
            self.assertTrue(net.run().ok)

    def test_nobody_reads(self):
        p = subprocess.Popen([PROGRAM, "serve", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.stdout.readline()
        p.stdout.close()
        p.stdin.write(b'{"id": 1, "op": "counters"}\n')
        p.stdin.flush()
        message = p.stderr.read().decode()
        self.assertEqual((p.wait(), message), (1, "gpusim: writing the answers: write /dev/stdout: broken pipe\n"))
        p.stdin.close()
        p.stderr.close()


class Interrupts(unittest.TestCase):
    """Ctrl-C, and other threads."""

    def test_keyboard_interrupt(self):
        handler = signal.getsignal(signal.SIGINT)
        with gpusim.load(text=QUIET, device="cpu") as net:
            for call in (lambda: net.run(steps=10**12), lambda: net.sweep({"p.tau": [5, 10]}, steps=10**12)):
                timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
                timer.start()
                with self.assertRaises(KeyboardInterrupt):
                    call()
                timer.join()
                self.assertIs(signal.getsignal(signal.SIGINT), handler)
                r = net.run(steps=7)
                self.assertEqual((r.first, r.steps, r.status), (0, 7, "ok"))

    def test_other_exceptions(self):
        """What a handler of another signal raises leaves the answer to the next call."""

        def late(*_):
            raise TimeoutError("late")

        before = signal.signal(signal.SIGALRM, late)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        with gpusim.load(text=QUIET, device="cpu") as net:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with self.assertRaises(TimeoutError):
                net.run(steps=10**12)
            self.assertEqual(net.run(steps=7).steps, 7)

    def test_threads(self):
        with gpusim.load(text=QUIET, device="cpu") as net:
            results = []

            def run():
                try:
                    results.append(net.run(steps=10**12))
                except gpusim.Error as e:
                    self.assertEqual(e.code, "cancelled")  # before it began

            while not results:
                thread = threading.Thread(target=run)
                thread.start()
                while thread.is_alive():
                    thread.join(0.1)
                    net.cancel()
            self.assertEqual(results[0].status, "interrupted")
            self.assertLess(results[0].steps, 10**12)
            threads = [threading.Thread(target=lambda k=k: results.append(net.run(steps=k))) for k in range(1, 9)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            self.assertEqual(sorted(r.steps for r in results[1:]), list(range(1, 9)))


# A program that answers to load and then as the test wants it.
FAKE = """#!{python}
import json, sys, time
print({hello!r}, flush=True)
for line in sys.stdin:
    r = json.loads(line)
    if r["op"] == "load":
        print(json.dumps({{"id": r["id"], "result": {{"name": "fake", "dt_ms": 1, "duration_ms": 1, "start_ms": 0, "step": 0, "device": {{"device": "none", "precision": "float64"}}, "populations": []}}}}), flush=True)
    elif r["op"] == "run":
        {run}
"""


class Programs(unittest.TestCase):
    """Which program is run, and those that do not behave."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = Path(folder.name)

    def fake(self, run="pass", hello='{"gpusim_protocol": 1}'):
        path = self.dir / "fake"
        path.write_text(FAKE.format(python=sys.executable, run=run, hello=hello))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def test_where(self):
        with gpusim.load(text=QUIET, device="cpu", binary=PROGRAM):
            pass
        beside = self.dir / "bin" / "gpusim"
        beside.parent.mkdir()
        os.symlink(PROGRAM, beside)
        with mock.patch.dict(os.environ, {"GPUSIM": str(self.dir / "no")}):
            with self.assertRaisesRegex(gpusim.Error, "^the environment variable GPUSIM: there is no program .*/no$"):
                gpusim.load(text=QUIET)
            with self.assertRaisesRegex(gpusim.Error, "^binary=: there is no program nowhere$"):
                gpusim.load(text=QUIET, binary="nowhere")
        with mock.patch.dict(os.environ, {"GPUSIM": "", "PATH": str(beside.parent)}):
            self.assertEqual(gpusim._find(None), str(beside))
        with mock.patch.dict(os.environ, {"GPUSIM": "", "PATH": ""}), mock.patch.object(gpusim, "__file__", str(self.dir / "python" / "gpusim.py")):
            self.assertEqual(gpusim._find(None), str(beside.parent.resolve() / "gpusim"))
            beside.unlink()
            with self.assertRaisesRegex(gpusim.Error, "^the program gpusim is not to be found: not in PATH, and there is no .*/bin/gpusim. Build it with make build, "):
                gpusim.load(text=QUIET)

    def test_protocol(self):
        with self.assertRaisesRegex(gpusim.Error, " speaks protocol 2, and this file protocol 1: take both from one version$"):
            gpusim.load(text=QUIET, binary=self.fake(hello='{"gpusim_protocol": 2}'))
        with self.assertRaisesRegex(gpusim.Error, "^the program said something that is no answer: b'hello'$"):
            gpusim.load(text=QUIET, binary=self.fake(hello="hello"))

    def test_death(self):
        net = gpusim.load(text=QUIET, binary=self.fake('print("a reason", file=sys.stderr); sys.exit(3)'))
        with self.assertRaisesRegex(gpusim.Error, r"^the program has ended \(exit code 3\): a reason$"):
            net.run()

    def test_second_interrupt(self):
        """A program that does not cancel is ended by a second Ctrl-C."""
        net = gpusim.load(text=QUIET, binary=self.fake("time.sleep(1000)"))
        timers = [threading.Timer(s, os.kill, (os.getpid(), signal.SIGINT)) for s in (0.1, 0.6)]
        for t in timers:
            t.start()
        with self.assertRaises(KeyboardInterrupt):
            net.run()
        for t in timers:
            t.join()
        with self.assertRaisesRegex(gpusim.Error, "^the network is closed$"):
            net.run()


if __name__ == "__main__":
    unittest.main()
