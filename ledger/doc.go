// Package ledger keeps on disk which points of a sweep are done, and with which
// results, so that a process that is killed at any moment loses at most the batch
// in hand, and another one goes on from there.
//
// A [Ledger] is a folder with two files. manifest.json ([Manifest]) says which sweep
// it is of: the network file and the points, as hashes, the gpusim and the device
// that compute them. It is written last when a ledger is made, so a folder without
// it has not begun. rows.csv has a row for each point that is done, in the order in
// which they were done: the number of the point, the columns of sweep.csv, and a
// detail. Rows are appended, whole batches at a time, and synced. After a crash the
// last line may be torn: it has no newline, and is cut. Everything else that is wrong
// was not written so, and is refused with the number of its line.
//
// A [Shard] is a share of the points: point k belongs to shard k modulo n, so that
// shards take about as long, whatever is swept. [Merge] reads the ledgers of all
// shards as one.
package ledger
