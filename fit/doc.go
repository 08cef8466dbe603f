// Package fit searches the parameters of a network file for the point at which
// a goal is met best: a measure at its largest or smallest, or several measures
// near their targets.
//
//	result, err := fit.Search(ctx, file, device, nil) // what the file's section fit asks for
//	best := result.Best()                             // its values, measures and objective
//
// # The method
//
// It is CMA-ES, the covariance matrix adaptation evolution strategy of Hansen
// and Ostermeier (2001, Evolutionary Computation 9:159), as N. Hansen's tutorial
// (2016, arXiv:1604.00772) has it, without negative weights. Each generation
// draws its points from a normal distribution, the points are ranked by the
// objective, and the distribution moves to the better half of them and takes
// their shape. Only ranks count, so the units of the objective do not matter, nor
// how bad the worst is; and there are no derivatives, which measures of spikes do
// not have. The first point of all is where the search begins.
//
// gonum has a variant, optimize.CmaEsChol. It needs more evaluations, twice as
// many in two dimensions and five times in four, because its step size does not
// scale what it draws; a test of this package compares the two. An evaluation
// is a run of a network here, so the method is written out (cma.go).
//
// # Bounds
//
// The method knows no bounds. It searches a space in which each parameter goes from
// 0 to 1, in its logarithm where the bounds say so, and starts with a standard
// deviation of 0.3. A coordinate outside is reflected at the bound that it has
// crossed, as often as it takes. Inside, reflection changes nothing, so that the
// distribution has the shape that was learned; a logit or a sine would bend the
// space near the bounds, and a logit could not reach them.
//
// # Generations
//
// A generation is one batch: a [network.Evaluator] with as many instances as
// the generation has points, each with all of the seeds. Nothing is compiled
// after the first, and only the new values go to the device. All points share
// the run's seed, so they start alike and differ by their parameters only.
//
// The same file and seed give the same history. Draws are counted, not drawn
// in sequence, as everywhere in gpusim; a point's result does not depend on how
// many run side by side; and the method computes in one goroutine.
//
// # No value
//
// A point whose state is not finite, or one of whose measures is undefined (an
// ISI without spikes), has no objective. It ranks last, behind all that have one.
// A generation without any objective teaches nothing: the next one is drawn from
// the same distribution.
package fit
