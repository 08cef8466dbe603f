// Package npy reads and writes arrays in NumPy's file formats: .npy, one array,
// and .npz, a zip archive of several.
//
// The formats are those of NumPy enhancement proposal 1,
// https://numpy.org/neps/nep-0001-npy-format.html, in its versions 1.0 and 2.0.
// Files are read through codeberg.org/sbinet/npyio. They come from users, so
// that nothing in them is trusted: what a header claims is compared with the
// bytes that are there before anything is allocated, and a file that npyio
// panics on is an error like any other. Headers are written here, as npyio
// cannot write the shape of a slice.
//
// Arrays are in C order in memory and in the files that are written; files in
// Fortran order are brought into C order. Files are written beside their final
// name first and renamed when they are whole, and the same arrays give the same
// bytes.
package npy
