"""Writes the files that the tests of package npy read, with NumPy (1.24.2).

Run in this folder: python3 make.py. Each ramp_*.npy holds 0 1 2 3 4 5 of one
type, as 2 rows and 3 columns where its name says so.
"""

import numpy as np

ramp = np.arange(6)
for code in ["f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8"]:
    np.save(f"ramp_{code}_little.npy", ramp.astype("<" + code))
    np.save(f"ramp_{code}_big.npy", ramp.astype(">" + code))
for code in ["i1", "u1"]:
    np.save(f"ramp_{code}.npy", ramp.astype(code))
np.save("ramp_2x3_c.npy", ramp.astype("f8").reshape(2, 3))
np.save("ramp_2x3_fortran.npy", np.asfortranarray(ramp.astype("f8").reshape(2, 3)))
np.save("ramp_1x3x2_fortran.npy", np.asfortranarray(ramp.astype(">i4").reshape(1, 3, 2)))
with open("ramp_version2.npy", "wb") as f:
    np.lib.format.write_array(f, ramp, version=(2, 0))
with open("version3.npy", "wb") as f:
    np.lib.format.write_array(f, ramp, version=(3, 0))
np.save("bool.npy", np.array([True, False, True]))
np.save("scalar.npy", np.float64(1.5))
np.save("empty.npy", np.zeros((0, 3)))
np.save("large.npy", np.array([1, 2**63], dtype="u8"))
for name, a in {
    "complex128": np.zeros(2, "c16"),
    "float16": np.zeros(2, "f2"),
    "str": np.array(["a", "bc"]),
    "bytes": np.array([b"a", b"bc"]),
    "datetime64": np.array(["2020-01-01"], "M8[D]"),
    "object": np.array([None, 1]),
    "record": np.zeros(2, [("a", "f8"), ("b", "i4")]),
}.items():
    np.save(f"bad_{name}.npy", a, allow_pickle=True)
np.savez("stored.npz", v=ramp / 2, i=ramp.astype("i4"))
np.savez_compressed("packed.npz", v=ramp / 2, i=ramp.astype("i4"))
