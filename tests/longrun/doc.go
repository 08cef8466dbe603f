// Package longrun tests what a run of hours relies on, by the program itself: its
// memory does not grow with the duration; what it has done is there whenever it is
// killed, bit for bit what an unbroken run has, and also where it may not write any
// further.
package longrun
