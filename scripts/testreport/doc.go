// Testreport reads the output of go test -json and prints what go test itself would:
// the result of each package, and all output of a test that failed. It fails where a
// test failed, was skipped or did not run, and ends with a line that counts them.
//
// go test passes when tests are skipped, and prints no word of it; a test of the GPU
// that was skipped proves nothing.
package main
