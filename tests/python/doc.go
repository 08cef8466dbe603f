// Package python is the tests of python/gpusim.py: test_gpusim.py, by Python's
// unittest, against the program built for it and both engines; and the blocks of
// docs/python.md, which pages.py runs one after another.
//
// They need a Python with NumPy and pandas: Debian's python3-numpy and
// python3-pandas, which make test installs. By hand, with the program built:
//
//	GPUSIM=bin/gpusim PYTHONPATH=python python3 tests/python/test_gpusim.py
package python
