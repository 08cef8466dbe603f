// Package stream writes arrays that grow: .npy files that hold what they have at
// any moment, whatever becomes of the program that writes them.
//
// A .npy file is a header, which says the type and the shape, and the elements.
// A header that is written at the end leaves a file that nobody can read where
// there was no end; so would a .npz archive, whose directory is at its end, and
// text takes three times the room and loses the type. Here the header comes
// first, padded to 128 bytes, so that the largest shape fits, and is written
// anew, in one write of these 128 bytes, each time some rows are complete
// (Commit). Elements are only ever appended, before the header says that they are
// there. So the file is a .npy file at every moment:
//
//   - After the program has ended in any way, kill -9 too, it has all rows of the
//     last Commit. Elements may follow that no header tells of; numpy reads as
//     many as the shape says, and Open cuts them off.
//   - Where the disk is full, or may not be written any further, the rows of the
//     last Commit stay, and the error says how many they are.
//   - After a loss of power it has what the system had brought to the disk. Commit
//     sees to that before it writes the header, but not more often than once a
//     second: rows of the last second may be missing, so that numpy says the file
//     is too short, or be zeros. Open keeps the rows that are there.
//
// Reading is one line, while it grows or later:
//
//	np.load("gamma.out.part/spikes/interneurons.step.npy")
//
// A run that goes on from where it was saved cuts its files to what they had then
// (Open, Truncate) and appends.
package stream
