package shaders

import "strings"

// helper is a hand-written GLSL function, printed where a kernel calls it.
type helper struct {
	name  string
	calls []string // other helpers that it needs, printed before it
	text  string
}

// helpers in the order of printing.
//
// gs_exprel is the Taylor series of (exp(x) - 1)/x to x^6 below 1/2 (remainder
// 2e-7 of the value), by Estrin's scheme, whose short chains save 10 % of the
// gamma network's time on llvmpipe, and the quotient above, with a division
// that starts before exp is done. gs_log is Cephes' logf (Moshier 1992):
// drivers' own log loses digits near 1. gs_exp is Cephes' expf.
var helpers = []helper{
	{name: "gs_exp", text: `// exp(x) to the last digit, for powers of it; the driver's own may lose four bits.
float gs_exp(float x) {
  precise float y = x < -87.0 ? -87.0 : (x > 88.0 ? 88.0 : x);
  precise float k = floor(y*1.44269504 + 0.5);
  precise float r = (y - k*0.693359375) + k*2.12194440e-4;
  precise float p = 1.9875691500e-4*r + 1.3981999507e-3;
  p = p*r + 8.3334519073e-3;
  p = p*r + 4.1665795894e-2;
  p = p*r + 1.6666665459e-1;
  p = p*r + 5.0000001201e-1;
  precise float result = ((r*r)*p + r) + 1.0;
  result = result*intBitsToFloat((int(k) + 127) << 23);
  return result;
}
`},
	{name: "gs_exprel_of", text: `// (exp(x) - 1)/x, 1 at x = 0; e is exp(x).
float gs_exprel_of(float x, float e) {
  precise float x2 = x*x;
  precise float low = (1.0 + 0.5*x) + x2*(0.166666667 + 4.16666667e-2*x);
  precise float high = (8.33333333e-3 + 1.38888889e-3*x) + x2*1.98412698e-4;
  precise float near = low + (x2*x2)*high;
  precise float inverse = 1.0/x;
  precise float far = (e - 1.0)*inverse;
  precise float result = abs(x) < 0.5 ? near : far;
  return result;
}
`},
	{name: "gs_exprel", calls: []string{"gs_exprel_of"}, text: `float gs_exprel(float x) {
  precise float e = exp(x);
  precise float result = gs_exprel_of(x, e);
  return result;
}
`},
	{name: "gs_rexprel_of", text: `// x/(exp(x) - 1), 1 at x = 0: one division; e is exp(x).
float gs_rexprel_of(float x, float e) {
  precise float x2 = x*x;
  precise float low = (1.0 + 0.5*x) + x2*(0.166666667 + 4.16666667e-2*x);
  precise float high = (8.33333333e-3 + 1.38888889e-3*x) + x2*1.98412698e-4;
  precise float near = low + (x2*x2)*high;
  precise float far = e - 1.0;
  precise float top = abs(x) < 0.5 ? 1.0 : x;
  precise float bottom = abs(x) < 0.5 ? near : far;
  precise float result = top/bottom;
  return result;
}
`},
	{name: "gs_rexprel", calls: []string{"gs_rexprel_of"}, text: `float gs_rexprel(float x) {
  precise float e = exp(x);
  precise float result = gs_rexprel_of(x, e);
  return result;
}
`},
	{name: "gs_expm1", calls: []string{"gs_exprel"}, text: `// exp(x) - 1.
float gs_expm1(float x) {
  precise float near = x*gs_exprel(x);
  precise float far = exp(x) - 1.0;
  precise float result = abs(x) < 0.5 ? near : far;
  return result;
}
`},
	{name: "gs_nan", text: `bool gs_nan(float x) {
  return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u;
}
`},
	{name: "gs_min", calls: []string{"gs_nan"}, text: `// GLSL's min, max, clamp and sign may give anything for NaN.
float gs_min(float x, float y) {
  return gs_nan(x) || gs_nan(y) ? x + y : min(x, y);
}
`},
	{name: "gs_max", calls: []string{"gs_nan"}, text: `float gs_max(float x, float y) {
  return gs_nan(x) || gs_nan(y) ? x + y : max(x, y);
}
`},
	{name: "gs_clip", calls: []string{"gs_min", "gs_max"}, text: `float gs_clip(float x, float low, float high) {
  return gs_min(gs_max(x, low), high);
}
`},
	{name: "gs_sign", calls: []string{"gs_nan"}, text: `float gs_sign(float x) {
  return gs_nan(x) ? x : sign(x);
}
`},
	{name: "gs_tanh", calls: []string{"gs_nan", "gs_expm1"}, text: `float gs_tanh(float x) {
  precise float e = gs_expm1(2.0*clamp(x, -15.0, 15.0));
  precise float result = gs_nan(x) ? x : e/(e + 2.0);
  return result;
}
`},
	{name: "gs_sinh", calls: []string{"gs_expm1"}, text: `float gs_sinh(float x) {
  precise float e = gs_expm1(abs(x));
  precise float y = abs(x) > 80.0 ? sinh(abs(x)) : 0.5*(e + e/(e + 1.0));
  precise float result = x < 0.0 ? -y : y;
  return result;
}
`},
	{name: "gs_log", text: `float gs_log(float x) {
  int bits = floatBitsToInt(x);
  precise float e = float((bits >> 23) - 126);
  precise float m = intBitsToFloat((bits & 0x007fffff) | 0x3f000000);
  bool low = m < 0.707106781;
  e = low ? e - 1.0 : e;
  precise float d = low ? (m + m) - 1.0 : m - 1.0;
  precise float z = d*d;
  precise float p = 7.0376836292e-2*d - 1.1514610310e-1;
  p = p*d + 1.1676998740e-1;
  p = p*d - 1.2420140846e-1;
  p = p*d + 1.4249322787e-1;
  p = p*d - 1.6668057665e-1;
  p = p*d + 2.0000714765e-1;
  p = p*d - 2.4999993993e-1;
  p = p*d + 3.3333331174e-1;
  precise float y = (d*z)*p - 2.12194440e-4*e;
  y = y - 0.5*z;
  precise float sum = (d + y) + 0.693359375*e;
  bool normal = bits >= 0x00800000 && bits < 0x7f800000;
  precise float result = normal ? sum : log(x);
  return result;
}
`},
	{name: "gs_pow", text: `// x**y for any sign of x.
float gs_pow(float x, float y) {
  precise float a = pow(abs(x), y);
  bool whole = y == floor(y);
  bool odd = whole && y*0.5 != floor(y*0.5);
  precise float zero = y > 0.0 ? 0.0 : uintBitsToFloat(0x7f800000u);
  precise float negative = whole ? (odd ? -a : a) : uintBitsToFloat(0x7fc00000u);
  precise float other = x == 0.0 ? zero : (x < 0.0 ? negative : a);
  precise float result = y == 0.0 ? 1.0 : other;
  return result;
}
`},
	{name: "gs_finite", text: `// NaN and infinities by their exponent bits: isnan() may be optimised away.
bool gs_finite(float x) {
  return (floatBitsToUint(x) & 0x7f800000u) != 0x7f800000u;
}
`},
	{name: "gs_tree", text: `// The eight columns of a tile, as every sum adds them.
float gs_tree(float a, float b, float c, float d, float e, float f, float g, float h) {
  precise float ab = a + b, cd = c + d, ef = e + f, gh = g + h;
  precise float abcd = ab + cd, efgh = ef + gh;
  precise float result = abcd + efgh;
  return result;
}
`},
}

// reachable is the text of the helpers in used and of those that they call.
func reachable(used map[string]bool) string {
	need := map[string]bool{}
	for i := len(helpers) - 1; i >= 0; i-- {
		if h := helpers[i]; used[h.name] || need[h.name] {
			need[h.name] = true
			for _, c := range h.calls {
				need[c] = true
			}
		}
	}
	var b strings.Builder
	for _, h := range helpers {
		if need[h.name] {
			b.WriteString(h.text + "\n")
		}
	}
	return b.String()
}
