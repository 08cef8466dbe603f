// Package gltest helps tests to see and to change which OpenGL functions a program
// calls. It puts itself between the program and the driver, so it counts what really
// happens, whatever a program's own counters say. It is for tests only.
package gltest
