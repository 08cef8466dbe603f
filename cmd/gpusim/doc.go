// Command gpusim simulates networks of spiking neurons that a network file
// describes.
//
// It is a thin user of the packages: model reads the file, network builds and
// runs it on a device of package gpu or cpuref, measure and plot make numbers
// and figures of what comes back. Here are the flags, the folder of results
// and the words that the user reads.
//
// Every command has a file of its own. What a command returns is an error;
// exitCode in main.go makes it the exit code, and main is the only function
// that ends the process:
//
//	0    done
//	1    failed: no device, a state that is not finite, a full disk
//	2    wrong use, or a bad file
//	130  interrupted, with what was done so far saved
//
// Standard output has the result, standard error everything else.
package main
