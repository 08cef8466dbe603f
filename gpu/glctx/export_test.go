package glctx

// For the tests in package glctx_test.
var (
	Lowered = Limits.lowered
)
