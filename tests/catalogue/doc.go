// Package catalogue holds that every message which a file or a flag can cause
// is provoked by a test that compares its text.
//
// The test reads the sources of the packages that speak to users, finds the
// formats of their messages and hints, and looks for each among the texts that
// tests expect: those of model/testdata, which are whole, those of the scripts
// of tests/cli, and those in test programs. A format that no text fits is
// either missing a test or no message of a file or a flag; those are listed in
// testdata/unprovoked.txt with the reason why.
package catalogue
