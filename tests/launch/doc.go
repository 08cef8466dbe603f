// Package launch tests what is built, launched and moved between host and
// device: counted in the OpenGL loader's own function table, apart from
// gpusim's counters, which have to say the same. It tests also that a point of
// a sweep is a run, bit for bit, however it was launched; and what happens on a
// lesser device, on a window's context, without OpenGL, and with files, flags
// and values that are no good.
package launch
