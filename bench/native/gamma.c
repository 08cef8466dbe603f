/*
 * gamma: the gamma network (Wang & Buzsaki 1996, J. Neurosci. 16:6402) by hand
 * in C, the native limit that `make bench` puts beside gpusim.
 *
 * It does the work of one gpusim run and nothing else: float32, exponential
 * Euler, one thread, a bit recorded per neuron and step (a 32-bit word holds 32
 * steps of one neuron), and the all-to-all synapses collapsed to one value per
 * presynaptic neuron, so that a step costs O(N):
 *
 *     inp_i = I - g_max (sum_j s_j - s_i) (V_i - E)
 *
 * One loop over the neurons does a whole step, for the sum of s is all that a
 * step needs from the one before. The arrays are padded to whole vectors and
 * the loop body is free of branches, so gcc vectorises all of it, exp included.
 * Every exponential of the model is computed as the model writes it; divisions
 * by constants are multiplications by their float32 reciprocals.
 *
 * Build with `make bin/gamma-native`; the Makefile says why each flag is there.
 */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LANES = 16, ALIGN = 64, WORD = 32, MAX_POINTS = 1024 };

#define INLINE static inline __attribute__((always_inline))

/* ---- exp ---------------------------------------------------------------- */

/* exp(x) in two parts, x = k ln 2 + r with |r| <= ln(2)/2: 2^k and exp(r) - 1. */
typedef struct {
    float pow2k, expm1r;
} split;

/*
 * x is clamped to [-87, 88], where 2^k is a normal float: exp of a larger or
 * smaller x stays at 1.65e38 or 1.64e-38 instead of becoming infinite or 0.
 * The polynomial is that of expf in Cephes (S. Moshier).
 */
INLINE split split_exp(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;

    const float shift = 0x1.8p23f; /* adding it rounds to an integer in the low bits */
    float shifted = x * 0x1.715476p0f + shift;
    float k = shifted - shift;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127u) << 23;
    float pow2k;
    memcpy(&pow2k, &bits, sizeof pow2k);

    float r = x - k * 0x1.62e4p-1f; /* the upper bits of ln 2: this product is exact */
    r = r - k * 0x1.7f7d1cp-20f;    /* and the rest */
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return (split){pow2k, p * (r * r) + r};
}

INLINE float exp_(float x) {
    split e = split_exp(x);
    return e.pow2k * e.expm1r + e.pow2k;
}

/* exp(x) - 1 without cancellation. */
INLINE float expm1_(float x) {
    split e = split_exp(x);
    return e.pow2k * e.expm1r + (e.pow2k - 1.0f);
}

/* (exp(x) - 1) / x, 1 at 0. */
INLINE float exprel(float x) {
    float y = expm1_(x) / x;
    return x == 0.0f ? 1.0f : y;
}

/* x / (exp(x) - 1), 1 at 0. */
INLINE float inverse_exprel(float x) {
    float y = x / expm1_(x);
    return x == 0.0f ? 1.0f : y;
}

/* ---- the network ---------------------------------------------------------- */

typedef struct {
    int n, padded;         /* neurons, and the same rounded up to LANES */
    float *V, *h, *n_gate; /* state */
    float *s;              /* the synapses' variable, one per presynaptic neuron */
    float *is_neuron;      /* 1, and 0 in the padding */
    uint32_t *word;        /* spikes of the current 32 steps */
} network;

static void *allocate(size_t bytes) {
    void *p = aligned_alloc(ALIGN, (bytes + ALIGN - 1) / ALIGN * ALIGN);
    if (p == NULL) {
        fprintf(stderr, "gamma: out of memory\n");
        exit(1);
    }
    memset(p, 0, bytes);
    return p;
}

static network new_network(int n) {
    network net = {.n = n, .padded = (n + LANES - 1) / LANES * LANES};
    size_t bytes = (size_t)net.padded * sizeof(float);
    net.V = allocate(bytes);
    net.h = allocate(bytes);
    net.n_gate = allocate(bytes);
    net.s = allocate(bytes);
    net.is_neuron = allocate(bytes);
    net.word = allocate((size_t)net.padded * sizeof(uint32_t));
    for (int i = 0; i < net.padded; i++) {
        net.is_neuron[i] = i < n;
    }
    return net;
}

/* Starts from V, with h and n at their steady state and s at 0. */
static void reset(network *net, const double *V) {
    for (int i = 0; i < net->padded; i++) {
        double v = i < net->n ? V[i] : -65.0;
        double alpha_h = 0.07 * exp(-(v + 58) / 20);
        double beta_h = 1 / (exp(-0.1 * (v + 28)) + 1);
        double u = -0.1 * (v + 34);
        double alpha_n = 0.1 * (u == 0 ? 1 : u / expm1(u));
        double beta_n = 0.125 * exp(-(v + 44) / 80);
        net->V[i] = (float)v;
        net->h[i] = (float)(alpha_h / (alpha_h + beta_h));
        net->n_gate[i] = (float)(alpha_n / (alpha_n + beta_n));
        net->s[i] = 0;
        net->word[i] = 0;
    }
}

/*
 * One step of every neuron and its synapses. s_sum is the sum of s before the
 * step; the sum after it is returned. bit marks this step in the spike words.
 * The order of the sum is gcc's (a partial sum a lane).
 */
INLINE float step(const network *net, float dt, float g_max, float s_sum, uint32_t bit) {
    float *restrict V_ = __builtin_assume_aligned(net->V, ALIGN);
    float *restrict h_ = __builtin_assume_aligned(net->h, ALIGN);
    float *restrict n_ = __builtin_assume_aligned(net->n_gate, ALIGN);
    float *restrict s_ = __builtin_assume_aligned(net->s, ALIGN);
    const float *restrict is_neuron = __builtin_assume_aligned(net->is_neuron, ALIGN);
    uint32_t *restrict word = __builtin_assume_aligned(net->word, ALIGN);
    int padded = net->padded;

    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < padded; i++) {
        float V = V_[i], h = h_[i], n = n_[i], s = s_[i];

        float inp = 1.2f - g_max * (s_sum - s) * (V + 75.0f);

        float alpha_h = 0.07f * exp_(-(V + 58.0f) * (1 / 20.0f));
        float beta_h = 1.0f / (exp_(-0.1f * (V + 28.0f)) + 1.0f);
        float alpha_n = 0.1f * inverse_exprel(-0.1f * (V + 34.0f));
        float beta_n = 0.125f * exp_(-(V + 44.0f) * (1 / 80.0f));
        float alpha_m = inverse_exprel(-0.1f * (V + 35.0f));
        float beta_m = 4.0f * exp_(-(V + 60.0f) * (1 / 18.0f));
        float m = alpha_m / (alpha_m + beta_m);
        float gNa = 35.0f * (m * m * m) * h;
        float gK = 9.0f * ((n * n) * (n * n));
        float dV = -gNa * (V - 55.0f) - gK * (V + 90.0f) - 0.1f * (V + 65.0f) + inp;
        float dh = 5.0f * (alpha_h * (1.0f - h) - beta_h * h);
        float dn = 5.0f * (alpha_n * (1.0f - n) - beta_n * n);

        float V_new = V + exprel(-(gNa + gK + 0.1f) * dt) * dt * dV;
        h_[i] = h + exprel(-5.0f * (alpha_h + beta_h) * dt) * dt * dh;
        n_[i] = n + exprel(-5.0f * (alpha_n + beta_n) * dt) * dt * dn;
        V_[i] = V_new;
        word[i] |= (V < 0.0f) & (V_new >= 0.0f) ? bit : 0;

        float T = 1.0f / (1.0f + exp_(-0.5f * V_new));
        float ds = 12.0f * T * (1.0f - s) - 0.1f * s;
        s += exprel(-(12.0f * T + 0.1f) * dt) * dt * ds;
        s_[i] = s;
        sum += s * is_neuron[i];
    }
    return sum;
}

/* Runs from V0; words receives ceil(steps/32) rows of net->n spike words. */
static void run(network *net, const double *V0, long steps, float dt, float g_max, uint32_t *words) {
    reset(net, V0);
    float s_sum = 0;
    for (long first = 0; first < steps; first += WORD) {
        long count = steps - first < WORD ? steps - first : WORD;
        for (long k = 0; k < count; k++) {
            s_sum = step(net, dt, g_max, s_sum, 1u << k);
        }
        memcpy(words, net->word, (size_t)net->n * sizeof *words);
        memset(net->word, 0, (size_t)net->padded * sizeof *net->word);
        words += net->n;
    }
}

/* ---- the program ---------------------------------------------------------- */

static const char usage[] =
    "usage: gamma [options]\n"
    "  -n N           neurons (100)\n"
    "  -g LIST        values of g_max, with commas (0.1/N)\n"
    "  -w             g_max 0.0005 to 0.0015 in 11 points, times 100/N\n"
    "  -t STEPS       steps of a run (12500)\n"
    "  -d DT          length of a step in ms (0.04)\n"
    "  -i FILE        starting values of V: N raw float64 or float32\n"
    "  -s SEED        or drawn uniformly from [-70, -50] (1)\n"
    "  -r R           timed repetitions, after one that is not timed (5)\n"
    "  -c             print the spike count of every neuron too\n"
    "  -o PREFIX      write PREFIX_00.i32, ...: int32 pairs (step, neuron) of each g_max\n"
    "Prints JSON: for each g_max its spikes and the seconds of a run, minimum and median.\n";

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "gamma: %s: %s\n", what, detail);
    exit(2);
}

/* By its bits: the flags that this file is built with let gcc drop isfinite. */
static int finite_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (bits & 0x7f800000u) != 0x7f800000u;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double number(const char *text, double low, double high) {
    char *end;
    errno = 0;
    double x = strtod(text, &end);
    if (end == text || *end != 0 || errno != 0 || !(x >= low && x <= high)) {
        fail("not a number in range", text);
    }
    return x;
}

static void read_start(const char *path, double *V, int n) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        fail(path, strerror(errno));
    }
    size_t want = (size_t)n * sizeof(double);
    char *bytes = allocate(want + 1);
    size_t got = fread(bytes, 1, want + 1, f);
    fclose(f);
    if (got == want) {
        memcpy(V, bytes, want);
    } else if (got == want / 2) {
        for (int i = 0; i < n; i++) {
            float v;
            memcpy(&v, bytes + (size_t)i * sizeof v, sizeof v);
            V[i] = v;
        }
    } else {
        fail(path, "neither N float64 nor N float32");
    }
    free(bytes);
}

/* Uniform draws from [-70, -50]: splitmix64 (Steele, Lea & Flood 2014). */
static void draw_start(uint64_t seed, double *V, int n) {
    for (int i = 0; i < n; i++) {
        uint64_t z = seed += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        V[i] = -70 + 20 * ((double)((z ^ (z >> 31)) >> 11) * 0x1p-53);
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_list(const char *name, const char *format, const double *x, int count, const char *end) {
    printf(" \"%s\": [", name);
    for (int i = 0; i < count; i++) {
        printf(format, x[i]);
        printf(i + 1 < count ? ", " : "]%s\n", end);
    }
}

static void write_spikes(const char *prefix, int point, const uint32_t *words, long steps, int n) {
    char path[4096];
    snprintf(path, sizeof path, "%s_%02d.i32", prefix, point);
    FILE *f = fopen(path, "wb");
    if (f == NULL) {
        fail(path, strerror(errno));
    }
    for (long k = 0; k < steps; k++) {
        for (int i = 0; i < n; i++) {
            if (words[k / WORD * n + i] >> (k % WORD) & 1) {
                int32_t pair[2] = {(int32_t)k, i};
                fwrite(pair, sizeof pair, 1, f);
            }
        }
    }
    if (fclose(f) != 0) {
        fail(path, strerror(errno));
    }
}

int main(int argc, char **argv) {
    int n = 100, repetitions = 5, sweep = 0, per_neuron = 0, points = 0;
    long steps = 12500;
    double dt = 0.04, g_max[MAX_POINTS];
    uint64_t seed = 1;
    char *list = NULL;
    const char *start = NULL, *out = NULL;

    for (int a = 1; a < argc; a++) {
        const char *flag = argv[a];
        if (strcmp(flag, "-w") == 0) {
            sweep = 1;
        } else if (strcmp(flag, "-c") == 0) {
            per_neuron = 1;
        } else if (strlen(flag) != 2 || flag[0] != '-' || strchr("ngtdisro", flag[1]) == NULL || a + 1 == argc) {
            fputs(usage, stderr);
            return 2;
        } else {
            char *value = argv[++a];
            switch (flag[1]) {
            case 'n': n = (int)number(value, 1, 1 << 24); break;
            case 'g': list = value; break;
            case 't': steps = (long)number(value, 1, 1e9); break;
            case 'd': dt = number(value, 1e-9, 1); break;
            case 'i': start = value; break;
            case 's': seed = (uint64_t)number(value, 0, 1e15); break;
            case 'r': repetitions = (int)number(value, 1, 1e6); break;
            case 'o': out = value; break;
            }
        }
    }
    if (list != NULL && sweep) {
        fail("give one of", "-g and -w");
    } else if (list != NULL) {
        for (char *item = strtok(list, ","); item != NULL; item = strtok(NULL, ",")) {
            if (points == MAX_POINTS) {
                fail("too many values", "-g");
            }
            g_max[points++] = number(item, -1e6, 1e6);
        }
        if (points == 0) {
            fail("no value", "-g");
        }
    } else if (sweep) {
        for (points = 0; points < 11; points++) {
            g_max[points] = (0.0005 + (0.0015 - 0.0005) * points / 10) * 100 / n;
        }
    } else {
        points = 1;
        g_max[0] = 0.1 / n;
    }

    double *V0 = allocate((size_t)n * sizeof *V0);
    if (start != NULL) {
        read_start(start, V0, n);
    } else {
        draw_start(seed, V0, n);
    }

    network net = new_network(n);
    size_t rows = (size_t)(steps + WORD - 1) / WORD;
    uint32_t *words = allocate(rows * (size_t)n * sizeof *words);
    double *seconds = allocate((size_t)repetitions * sizeof *seconds);
    double *counts = allocate((size_t)points * (size_t)n * sizeof *counts);
    double minimum[MAX_POINTS], median[MAX_POINTS], per_neuron_step[MAX_POINTS], spikes[MAX_POINTS];
    for (int p = 0; p < points; p++) {
        run(&net, V0, steps, (float)dt, (float)g_max[p], words);
        for (int r = 0; r < repetitions; r++) {
            double from = now();
            run(&net, V0, steps, (float)dt, (float)g_max[p], words);
            seconds[r] = now() - from;
        }
        qsort(seconds, (size_t)repetitions, sizeof *seconds, ascending);
        minimum[p] = seconds[0];
        median[p] = (seconds[(repetitions - 1) / 2] + seconds[repetitions / 2]) / 2;
        per_neuron_step[p] = median[p] * 1e9 / ((double)steps * n);

        spikes[p] = 0;
        for (size_t row = 0; row < rows; row++) {
            for (int i = 0; i < n; i++) {
                int set = __builtin_popcount(words[row * (size_t)n + (size_t)i]);
                counts[(size_t)p * (size_t)n + (size_t)i] += set;
                spikes[p] += set;
            }
        }
        for (int i = 0; i < n; i++) {
            if (!finite_bits(net.V[i])) {
                fprintf(stderr, "gamma: V of neuron %d is not finite at g_max %g\n", i, g_max[p]);
                return 1;
            }
        }
        if (out != NULL) {
            write_spikes(out, p, words, steps, n);
        }
    }

    printf("{\"n\": %d, \"steps\": %ld, \"dt_ms\": %.9g, \"repetitions\": %d,\n", n, steps, dt, repetitions);
    print_list("g_max", "%.9g", g_max, points, ",");
    print_list("spikes", "%.0f", spikes, points, ",");
    for (int p = 0; per_neuron && p < points; p++) {
        printf(p == 0 ? " \"spikes_per_neuron\": [\n  [" : "  [");
        for (int i = 0; i < n; i++) {
            printf(i + 1 < n ? "%.0f, " : "%.0f]", counts[(size_t)p * (size_t)n + (size_t)i]);
        }
        printf(p + 1 < points ? ",\n" : "],\n");
    }
    print_list("seconds", "%.6f", minimum, points, ",");
    print_list("seconds_median", "%.6f", median, points, ",");
    print_list("ns_per_neuron_step", "%.3f", per_neuron_step, points, "}");
    return 0;
}
