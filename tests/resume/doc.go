// Package resume tests runs that are broken off and go on: the program is killed at
// any moment, or interrupted, again and again, and what it leaves in the end has to be
// what a run that nobody disturbed leaves, to the byte.
package resume
