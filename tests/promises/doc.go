// Package promises tests what gpusim promises, over the engines, numbers of
// instances, numbers of invocations, pieces and forms of kernel, on the gamma
// network, on integrate-and-fire networks with delays and on random networks:
// compiled once; only what changed goes up and only what is asked for comes
// down; pieces, batches, workgroups and forms do not show in a bit; the float64
// engine runs it too and agrees; what does not fit is refused with the numbers.
//
// That results have the same bits is tested over the whole product: {fused, stepped}
// x {8, 32, 128 invocations} x {1, 5, 64 instances} x {whole, 3, 77 pieces} on the
// device, and instances x pieces on the float64 engine, which has no forms. In the
// other tests the axes that cannot matter to each other take turns over the
// networks, so that every two values of two axes meet.
package promises
