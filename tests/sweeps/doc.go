// Package sweeps runs large sweeps as users do, by the program itself: killed at any
// moment, in shards, and of so many points that they would not fit if they were kept.
package sweeps
