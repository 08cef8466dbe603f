// Package promises tests what gpusim promises, over the engines, numbers of
// instances, numbers of invocations, pieces and forms of kernel, on the gamma
// network, on integrate-and-fire networks with delays and on random networks:
// compiled once; only what changed goes up and only what is asked for comes
// down; pieces, batches, workgroups and forms do not show in a bit; the float64
// engine runs it too and agrees; what does not fit is refused with the numbers.
package promises
