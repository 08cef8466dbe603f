/*
 * gamma: the gamma network (Wang & Buzsaki 1996, J. Neurosci. 16:6402) by hand
 * in C, the native limit that `make bench` puts beside gpusim.
 *
 * It does the work of one gpusim run and nothing else: float32, exponential
 * Euler, one thread or several (-p), a bit recorded per neuron and step (a 32-bit word holds 32
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
 * With -y each synapse has its own s, which is read, advanced and written in every
 * step: O(N^2), what the model says before the sums are collapsed. The exponentials
 * of T and of the method are still computed once a presynaptic neuron.
 *
 * Each thread has a range of the neurons, and with -y the synapses onto them. They
 * meet once a step, at a barrier that spins.
 *
 * Build with `make bin/gamma-native`; the Makefile says why each flag is there.
 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LANES = 16, ALIGN = 64, WORD = 32, MAX_POINTS = 2048, MAX_THREADS = 64 };

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

    /* With a state for each synapse, else NULL: */
    float *synapse;          /* s of presynaptic neuron j and postsynaptic i at j*padded + i */
    float *received;         /* the sum of s over the synapses onto a neuron */
    float *rise[2], *decay[2]; /* s becomes s + rise - decay*s, by presynaptic neuron; of the
                                  step and of the one before, which another thread may still read */
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

static network new_network(int n, int per_synapse) {
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
    if (per_synapse) {
        net.synapse = allocate(bytes * (size_t)n);
        net.received = allocate(bytes);
        for (int k = 0; k < 2; k++) {
            net.rise[k] = allocate(bytes);
            net.decay[k] = allocate(bytes);
        }
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
    if (net->synapse != NULL) {
        memset(net->synapse, 0, (size_t)net->padded * (size_t)net->n * sizeof(float));
        memset(net->received, 0, (size_t)net->padded * sizeof(float));
    }
}

/*
 * One step of the neurons from..to, and of their synapses where these have one s
 * together. s_sum is the sum of s over all neurons before the step; the sum over
 * these after it is returned. bit marks this step in the spike words. The order of
 * the sum is gcc's (a partial sum a lane). With per_synapse, a constant where this
 * is inlined, it leaves in rise and decay what advances the synapses.
 */
INLINE float step(const network *net, int from, int to, float dt, float g_max, float s_sum, uint32_t bit,
                  const int per_synapse, int parity) {
    float *restrict V_ = __builtin_assume_aligned(net->V + from, ALIGN);
    float *restrict h_ = __builtin_assume_aligned(net->h + from, ALIGN);
    float *restrict n_ = __builtin_assume_aligned(net->n_gate + from, ALIGN);
    float *restrict s_ = __builtin_assume_aligned(net->s + from, ALIGN);
    const float *restrict is_neuron = __builtin_assume_aligned(net->is_neuron + from, ALIGN);
    uint32_t *restrict word = __builtin_assume_aligned(net->word + from, ALIGN);
    const float *restrict received = per_synapse ? net->received + from : NULL;
    float *restrict rise = per_synapse ? net->rise[parity] + from : NULL;
    float *restrict decay = per_synapse ? net->decay[parity] + from : NULL;
    int count = to - from;

    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < count; i++) {
        float V = V_[i], h = h_[i], n = n_[i], s = s_[i];

        float onto = per_synapse ? received[i] : s_sum - s;
        float inp = 1.2f - g_max * onto * (V + 75.0f);

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
        float towards = exprel(-(12.0f * T + 0.1f) * dt) * dt;
        if (per_synapse) {
            rise[i] = towards * 12.0f * T;
            decay[i] = towards * (12.0f * T + 0.1f);
        } else {
            s += towards * (12.0f * T * (1.0f - s) - 0.1f * s);
            s_[i] = s;
            sum += s * is_neuron[i];
        }
    }
    return sum;
}

/* One step of the synapses from all neurons onto the neurons from..to; none has
 * a synapse onto itself. */
INLINE void synapses(const network *net, int from, int to, int parity) {
    float *restrict received = __builtin_assume_aligned(net->received + from, ALIGN);
    int count = to - from;
    memset(received, 0, (size_t)count * sizeof *received);
    for (int j = 0; j < net->n; j++) {
        float *restrict s = __builtin_assume_aligned(net->synapse + (size_t)j * (size_t)net->padded + from, ALIGN);
        float rise = net->rise[parity][j], decay = net->decay[parity][j];
        int own = j - from;
        float before = own >= 0 && own < count ? received[own] : 0;
#pragma omp simd
        for (int i = 0; i < count; i++) {
            s[i] += rise - decay * s[i];
            received[i] += s[i];
        }
        if (own >= 0 && own < count) {
            received[own] = before;
        }
    }
}

/* ---- a run ---------------------------------------------------------------- */

/* What the threads of a run share. */
typedef struct {
    const network *net;
    int threads;
    long steps;
    float dt, g_max;
    uint32_t *words;
    atomic_long arrived; /* at the barriers so far, of all threads */
    struct {
        _Alignas(ALIGN) float of[2]; /* of the step and of the one before */
    } sums[MAX_THREADS];
} shared;

typedef struct {
    shared *run;
    int index;
} part;

/* Waits for the other threads at the end of step k. */
static void meet(shared *r, long k) {
    long all = (k + 1) * r->threads;
    atomic_fetch_add(&r->arrived, 1);
    for (int spins = 0; atomic_load(&r->arrived) < all; spins++) {
        if (spins > 10000) {
            sched_yield();
        }
    }
}

INLINE void run_part(const part *p, const int per_synapse, const int alone) {
    shared *r = p->run;
    const network *net = r->net;
    int rows = net->padded / LANES;
    int from = rows * p->index / r->threads * LANES, to = rows * (p->index + 1) / r->threads * LANES;
    int end = to < net->n ? to : net->n;
    uint32_t *words = r->words;
    float s_sum = 0;
    for (long first = 0; first < r->steps; first += WORD) {
        long count = r->steps - first < WORD ? r->steps - first : WORD;
        for (long k = 0; k < count; k++) {
            int parity = k & 1; /* WORD is even */
            float sum = step(net, from, to, r->dt, r->g_max, s_sum, 1u << k, per_synapse, parity);
            if (alone) {
                s_sum = sum;
            } else {
                r->sums[p->index].of[parity] = sum;
                meet(r, first + k);
                s_sum = 0;
                for (int t = 0; t < r->threads; t++) {
                    s_sum += r->sums[t].of[parity];
                }
            }
            if (per_synapse) {
                synapses(net, from, to, parity);
            }
        }
        if (end > from) {
            memcpy(words + from, net->word + from, (size_t)(end - from) * sizeof *words);
        }
        memset(net->word + from, 0, (size_t)(to - from) * sizeof *net->word);
        words += net->n;
    }
}

static void *run_thread(void *argument) {
    const part *p = argument;
    if (p->run->net->synapse != NULL) {
        run_part(p, 1, 0);
    } else {
        run_part(p, 0, 0);
    }
    return NULL;
}

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "gamma: %s: %s\n", what, detail);
    exit(2);
}

/* Runs from V0; words receives ceil(steps/32) rows of net->n spike words. */
static void run(network *net, const double *V0, long steps, float dt, float g_max, uint32_t *words, int threads) {
    reset(net, V0);
    shared r = {.net = net, .threads = threads, .steps = steps, .dt = dt, .g_max = g_max, .words = words};
    part parts[MAX_THREADS];
    pthread_t ids[MAX_THREADS];
    for (int t = 0; t < threads; t++) {
        parts[t] = (part){&r, t};
    }
    if (threads == 1 && net->synapse != NULL) {
        run_part(&parts[0], 1, 1);
    } else if (threads == 1) {
        run_part(&parts[0], 0, 1);
    } else {
        for (int t = 1; t < threads; t++) {
            if (pthread_create(&ids[t], NULL, run_thread, &parts[t]) != 0) {
                fail("no thread", "-p");
            }
        }
        run_thread(&parts[0]);
        for (int t = 1; t < threads; t++) {
            pthread_join(ids[t], NULL);
        }
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
    "  -p THREADS     threads (1)\n"
    "  -y             a state for each synapse, N^2 of them, instead of one a neuron\n"
    "  -r R           timed repetitions, after one that is not timed (5)\n"
    "  -c             print the spike count of every neuron too\n"
    "  -o PREFIX      write PREFIX_00.i32, ...: int32 pairs (step, neuron) of each g_max\n"
    "Prints JSON: for each g_max its spikes and the seconds of a run, minimum and median.\n";

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
    int n = 100, repetitions = 5, threads = 1, sweep = 0, per_neuron = 0, per_synapse = 0, points = 0;
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
        } else if (strcmp(flag, "-y") == 0) {
            per_synapse = 1;
        } else if (strlen(flag) != 2 || flag[0] != '-' || strchr("ngtdispro", flag[1]) == NULL || a + 1 == argc) {
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
            case 'p': threads = (int)number(value, 1, MAX_THREADS); break;
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

    network net = new_network(n, per_synapse);
    size_t rows = (size_t)(steps + WORD - 1) / WORD;
    uint32_t *words = allocate(rows * (size_t)n * sizeof *words);
    double *seconds = allocate((size_t)repetitions * sizeof *seconds);
    double *counts = allocate((size_t)points * (size_t)n * sizeof *counts);
    double minimum[MAX_POINTS], median[MAX_POINTS], per_neuron_step[MAX_POINTS], spikes[MAX_POINTS];
    for (int p = 0; p < points; p++) {
        run(&net, V0, steps, (float)dt, (float)g_max[p], words, threads);
        for (int r = 0; r < repetitions; r++) {
            double from = now();
            run(&net, V0, steps, (float)dt, (float)g_max[p], words, threads);
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
