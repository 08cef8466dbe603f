// Package checkpoint is the file from which a run goes on after its process has
// ended: the network, where it stands, and every number that a step carries on.
//
// # The file
//
//	0   16 bytes   "\x89gpusim state\r\n\x1a"
//	16  uint32     the version of this format
//	20  uint32     0
//	24  uint64     the length of the file
//	32  uint64     the length of the header
//	40  header     JSON: a [Checkpoint], with the type and the count of each block
//	    blocks     one after another, in the order in which the header names them
//	    32 bytes   SHA-256 of all before
//
// All integers and numbers are little-endian. Blocks of bytes, the arrays that the
// network reads and what Extra has, come first. A block of type f8 has float64, f4 float32. Numbers are
// written as float32 where every one of them is one, so that the state of a device
// that computes in float32 takes half the room, and comes back to the bit either way,
// NaN too.
//
// The magic number has, like that of PNG, a byte beyond ASCII and a line end of each
// kind, so that a file which was sent as text is found out.
//
// # Written whole, read with distrust
//
// [Checkpoint.Write] writes to another name, syncs, renames and syncs the folder: at
// the name of the file there is at every moment one checkpoint that is whole, the last
// one or the one before. [Read] believes nothing: length and checksum come before
// anything is taken from the file, and no more is allocated than the file is long.
package checkpoint
