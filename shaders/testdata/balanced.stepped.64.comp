#version 430
// balanced network: stepped kernel, cells, sums of exc, cells.ge of exc, sums of inh, cells.gi of inh, delay lines of cells.
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer State { uint S[]; };
layout(std430, binding = 1) readonly buffer Params { float P[]; };
layout(std430, binding = 2) readonly buffer Table { uint T[]; };
layout(std430, binding = 3) readonly buffer Conn { uint C[]; };
layout(std430, binding = 4) buffer Spikes { uint X[]; };
layout(std430, binding = 5) writeonly buffer Records { float R[]; };
layout(std430, binding = 6) buffer Status { uint Q[]; };
layout(std430, binding = 7) buffer Scratch { float W[]; };
uniform uint u; // the step, counted from the slice's first
uniform uint u_chunk;
uniform uint u_instances, u_words;
uniform uint u_first; // the slice's first step as an int, from where the last spikes count
uniform uint u_low, u_high; // the slice's first step since t = 0, in two words
uniform uint u_ring_14; // cells.spiked.line: the first step modulo 16

// (exp(x) - 1)/x, 1 at x = 0; e is exp(x).
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

float gs_exprel(float x) {
  precise float e = exp(x);
  precise float result = gs_exprel_of(x, e);
  return result;
}

// The eight columns of a tile, as every sum adds them.
float gs_tree(float a, float b, float c, float d, float e, float f, float g, float h) {
  precise float ab = a + b, cd = c + d, ef = e + f, gh = g + h;
  precise float abcd = ab + cd, efgh = ef + gh;
  precise float result = abcd + efgh;
  return result;
}

void main() {
  uint group = gl_WorkGroupID.x + gl_WorkGroupID.y*gl_NumWorkGroups.x;
  uint inst = group/8u, g = group%8u;
  if (inst >= u_instances) return;
  uint w = gl_LocalInvocationIndex;
  uint trips = 0u, due = 0u; // loop iterations made, and those that it takes
  uint in_cells_last_spike_step = 1500u*u_instances + inst*500u;
  precise float p_cells_refractory_steps = P[T[0u] + inst*T[1u]];
  precise float p_cells_tau = P[T[4u] + inst*T[5u]];
  precise float p_cells_V_rest = P[T[2u] + inst*T[3u]];
  precise float p_cells_tau_e = P[T[6u] + inst*T[7u]];
  precise float p_cells_tau_i = P[T[8u] + inst*T[9u]];
  precise float p_cells_V_th = P[T[10u] + inst*T[11u]];
  precise float p_cells_V_reset = P[T[12u] + inst*T[13u]];
  uint in_cells_spiked_line = 2500u*u_instances + inst*8000u;
  precise float p_exc_w = P[T[14u] + inst*T[15u]];
  precise float p_inh_w = P[T[16u] + inst*T[17u]];
  uint in_cells_V = 0u*u_instances + inst*500u;
  uint in_cells_ge = 500u*u_instances + inst*500u;
  uint in_cells_gi = 1000u*u_instances + inst*500u;
  uint in_cells_spiked = 2000u*u_instances + inst*500u;
  precise float h_0 = 0.1*gs_exprel((((-1.0)/p_cells_tau)*0.1));
  precise float h_1 = 1.0/p_cells_tau;
  precise float h_2 = 0.1*gs_exprel((((-1.0)/p_cells_tau_e)*0.1));
  precise float h_3 = 1.0/p_cells_tau_e;
  precise float h_4 = 0.1*gs_exprel((((-1.0)/p_cells_tau_i)*0.1));
  precise float h_5 = 1.0/p_cells_tau_i;
  if (g < 8u) {
    // cells
    uint c = g*64u + w;
    if (c < 500u) {
      uint i = c;
      const bool own = true;
      precise float v_cells_V = uintBitsToFloat(S[in_cells_V + i]);
      precise float v_cells_ge = uintBitsToFloat(S[in_cells_ge + i]);
      precise float v_cells_gi = uintBitsToFloat(S[in_cells_gi + i]);
      precise float v_cells_spiked = uintBitsToFloat(S[in_cells_spiked + i]);
      bool refractory = int(u_first + u) - int(S[in_cells_last_spike_step + i]) < int(p_cells_refractory_steps);
      precise float q_new_V = (refractory ? v_cells_V : (v_cells_V + (h_0*((((p_cells_V_rest - v_cells_V) + v_cells_ge) + v_cells_gi)*h_1)))); // balanced.yaml:20
      precise float q_new_ge = v_cells_ge + (h_2*((-v_cells_ge)*h_3)); // balanced.yaml:21
      precise float q_new_gi = v_cells_gi + (h_4*((-v_cells_gi)*h_5)); // balanced.yaml:22
      v_cells_V = q_new_V; // balanced.yaml:20
      v_cells_ge = q_new_ge; // balanced.yaml:21
      v_cells_gi = q_new_gi; // balanced.yaml:22
      precise bool condition = v_cells_V >= p_cells_V_th;
      bool spiked = condition && !refractory;
      uint word = 0u*u_instances*u_words + (inst*u_words + (u >> 5))*500u + i;
      X[word] = ((u & 31u) == 0u ? 0u : X[word]) | (uint(spiked) << (u & 31u));
      if (spiked) S[in_cells_last_spike_step + i] = u_first + u;
      v_cells_V = spiked ? p_cells_V_reset : v_cells_V; // balanced.yaml:24
      v_cells_spiked = spiked ? 1.0 : 0.0;
      precise float sum_exc = 0.0;
      {
        uint begin = C[0u + i];
        uint length = C[1u + i] - begin;
        due += ((length + 127u) >> 7) + ((length + 7u) >> 3);
        precise float row = 0.0;
        {
          precise float b0 = 0.0, b1 = 0.0, b2 = 0.0, b3 = 0.0, b4 = 0.0, b5 = 0.0, b6 = 0.0, b7 = 0.0;
          for (uint s = 0u; s < length; s += 128u) {
            ++trips;
            precise float a0 = 0.0, a1 = 0.0, a2 = 0.0, a3 = 0.0, a4 = 0.0, a5 = 0.0, a6 = 0.0, a7 = 0.0;
            for (uint e = 0u; e < 16u && s + e*8u < length; ++e) {
              ++trips;
              {
                bool valid = s + e*8u + 0u < length;
                uint at = begin + (valid ? s + e*8u + 0u : 0u);
                uint pre = C[501u + at];
                precise bool x_0 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 2u)%16u)*500u + pre]) != 0.0;
                a0 += valid ? (x_0 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 1u < length;
                uint at = begin + (valid ? s + e*8u + 1u : 0u);
                uint pre = C[501u + at];
                precise bool x_1 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 2u)%16u)*500u + pre]) != 0.0;
                a1 += valid ? (x_1 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 2u < length;
                uint at = begin + (valid ? s + e*8u + 2u : 0u);
                uint pre = C[501u + at];
                precise bool x_2 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 2u)%16u)*500u + pre]) != 0.0;
                a2 += valid ? (x_2 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 3u < length;
                uint at = begin + (valid ? s + e*8u + 3u : 0u);
                uint pre = C[501u + at];
                precise bool x_3 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 2u)%16u)*500u + pre]) != 0.0;
                a3 += valid ? (x_3 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 4u < length;
                uint at = begin + (valid ? s + e*8u + 4u : 0u);
                uint pre = C[501u + at];
                precise bool x_4 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 2u)%16u)*500u + pre]) != 0.0;
                a4 += valid ? (x_4 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 5u < length;
                uint at = begin + (valid ? s + e*8u + 5u : 0u);
                uint pre = C[501u + at];
                precise bool x_5 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 2u)%16u)*500u + pre]) != 0.0;
                a5 += valid ? (x_5 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 6u < length;
                uint at = begin + (valid ? s + e*8u + 6u : 0u);
                uint pre = C[501u + at];
                precise bool x_6 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 2u)%16u)*500u + pre]) != 0.0;
                a6 += valid ? (x_6 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 7u < length;
                uint at = begin + (valid ? s + e*8u + 7u : 0u);
                uint pre = C[501u + at];
                precise bool x_7 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 2u)%16u)*500u + pre]) != 0.0;
                a7 += valid ? (x_7 ? 1.0 : 0.0) : 0.0;
              }
            }
            b0 += a0;
            b1 += a1;
            b2 += a2;
            b3 += a3;
            b4 += a4;
            b5 += a5;
            b6 += a6;
            b7 += a7;
          }
          row = gs_tree(b0, b1, b2, b3, b4, b5, b6, b7);
        }
        sum_exc = row;
      }
      v_cells_ge += sum_exc*(p_exc_w); // balanced.yaml:26
      precise float sum_inh = 0.0;
      {
        uint begin = C[32463u + i];
        uint length = C[32464u + i] - begin;
        due += ((length + 127u) >> 7) + ((length + 7u) >> 3);
        precise float row = 0.0;
        {
          precise float b0 = 0.0, b1 = 0.0, b2 = 0.0, b3 = 0.0, b4 = 0.0, b5 = 0.0, b6 = 0.0, b7 = 0.0;
          for (uint s = 0u; s < length; s += 128u) {
            ++trips;
            precise float a0 = 0.0, a1 = 0.0, a2 = 0.0, a3 = 0.0, a4 = 0.0, a5 = 0.0, a6 = 0.0, a7 = 0.0;
            for (uint e = 0u; e < 16u && s + e*8u < length; ++e) {
              ++trips;
              {
                bool valid = s + e*8u + 0u < length;
                uint at = begin + (valid ? s + e*8u + 0u : 0u);
                uint pre = C[32964u + at];
                precise bool x_8 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 9u)%16u)*500u + (pre + 400u)]) != 0.0;
                a0 += valid ? (x_8 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 1u < length;
                uint at = begin + (valid ? s + e*8u + 1u : 0u);
                uint pre = C[32964u + at];
                precise bool x_9 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 9u)%16u)*500u + (pre + 400u)]) != 0.0;
                a1 += valid ? (x_9 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 2u < length;
                uint at = begin + (valid ? s + e*8u + 2u : 0u);
                uint pre = C[32964u + at];
                precise bool x_10 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 9u)%16u)*500u + (pre + 400u)]) != 0.0;
                a2 += valid ? (x_10 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 3u < length;
                uint at = begin + (valid ? s + e*8u + 3u : 0u);
                uint pre = C[32964u + at];
                precise bool x_11 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 9u)%16u)*500u + (pre + 400u)]) != 0.0;
                a3 += valid ? (x_11 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 4u < length;
                uint at = begin + (valid ? s + e*8u + 4u : 0u);
                uint pre = C[32964u + at];
                precise bool x_12 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 9u)%16u)*500u + (pre + 400u)]) != 0.0;
                a4 += valid ? (x_12 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 5u < length;
                uint at = begin + (valid ? s + e*8u + 5u : 0u);
                uint pre = C[32964u + at];
                precise bool x_13 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 9u)%16u)*500u + (pre + 400u)]) != 0.0;
                a5 += valid ? (x_13 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 6u < length;
                uint at = begin + (valid ? s + e*8u + 6u : 0u);
                uint pre = C[32964u + at];
                precise bool x_14 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 9u)%16u)*500u + (pre + 400u)]) != 0.0;
                a6 += valid ? (x_14 ? 1.0 : 0.0) : 0.0;
              }
              {
                bool valid = s + e*8u + 7u < length;
                uint at = begin + (valid ? s + e*8u + 7u : 0u);
                uint pre = C[32964u + at];
                precise bool x_15 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 9u)%16u)*500u + (pre + 400u)]) != 0.0;
                a7 += valid ? (x_15 ? 1.0 : 0.0) : 0.0;
              }
            }
            b0 += a0;
            b1 += a1;
            b2 += a2;
            b3 += a3;
            b4 += a4;
            b5 += a5;
            b6 += a6;
            b7 += a7;
          }
          row = gs_tree(b0, b1, b2, b3, b4, b5, b6, b7);
        }
        sum_inh = row;
      }
      v_cells_gi += sum_inh*(p_inh_w); // balanced.yaml:27
      S[in_cells_spiked_line + ((u_ring_14 + u)%16u)*500u + i] = floatBitsToUint(v_cells_spiked);
      S[in_cells_V + i] = floatBitsToUint(v_cells_V);
      S[in_cells_ge + i] = floatBitsToUint(v_cells_ge);
      S[in_cells_gi + i] = floatBitsToUint(v_cells_gi);
      S[in_cells_spiked + i] = floatBitsToUint(v_cells_spiked);
    }
  }
  if (trips != due) atomicAdd(Q[inst*4u + 1u], 1u);
  if (w == 0u) atomicAdd(Q[inst*4u + 0u], 1u);
}
#version 430
// balanced network: stepped kernel, check of states.
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer State { uint S[]; };
layout(std430, binding = 1) readonly buffer Params { float P[]; };
layout(std430, binding = 2) readonly buffer Table { uint T[]; };
layout(std430, binding = 3) readonly buffer Conn { uint C[]; };
layout(std430, binding = 4) buffer Spikes { uint X[]; };
layout(std430, binding = 5) writeonly buffer Records { float R[]; };
layout(std430, binding = 6) buffer Status { uint Q[]; };
layout(std430, binding = 7) buffer Scratch { float W[]; };
uniform uint u; // the step, counted from the slice's first
uniform uint u_chunk;
uniform uint u_instances, u_words;
uniform uint u_first; // the slice's first step as an int, from where the last spikes count
uniform uint u_low, u_high; // the slice's first step since t = 0, in two words
uniform uint u_ring_14; // cells.spiked.line: the first step modulo 16

// NaN and infinities by their exponent bits: isnan() may be optimised away.
bool gs_finite(float x) {
  return (floatBitsToUint(x) & 0x7f800000u) != 0x7f800000u;
}

void main() {
  uint group = gl_WorkGroupID.x + gl_WorkGroupID.y*gl_NumWorkGroups.x;
  uint inst = group/24u, g = group%24u;
  if (inst >= u_instances) return;
  uint w = gl_LocalInvocationIndex;
  uint trips = 0u, due = 0u; // loop iterations made, and those that it takes
  uint in_cells_V = 0u*u_instances + inst*500u;
  uint in_cells_ge = 500u*u_instances + inst*500u;
  uint in_cells_gi = 1000u*u_instances + inst*500u;
  if (g < 8u) {
    // cells.V
    uint c = g*64u + w;
    if (c < 500u) {
      if (!gs_finite(uintBitsToFloat(S[in_cells_V + c]))) {
        uint old = atomicMax(Q[inst*4u + 2u], ~(u >> 5));
        if (old == 0u || old == ~(u >> 5)) atomicMax(Q[inst*4u + 3u], ~(0u + c));
      }
    }
  }
  if (g >= 8u && g < 16u) {
    // cells.ge
    uint c = (g - 8u)*64u + w;
    if (c < 500u) {
      if (!gs_finite(uintBitsToFloat(S[in_cells_ge + c]))) {
        uint old = atomicMax(Q[inst*4u + 2u], ~(u >> 5));
        if (old == 0u || old == ~(u >> 5)) atomicMax(Q[inst*4u + 3u], ~(500u + c));
      }
    }
  }
  if (g >= 16u && g < 24u) {
    // cells.gi
    uint c = (g - 16u)*64u + w;
    if (c < 500u) {
      if (!gs_finite(uintBitsToFloat(S[in_cells_gi + c]))) {
        uint old = atomicMax(Q[inst*4u + 2u], ~(u >> 5));
        if (old == 0u || old == ~(u >> 5)) atomicMax(Q[inst*4u + 3u], ~(1000u + c));
      }
    }
  }
  if (trips != due) atomicAdd(Q[inst*4u + 1u], 1u);
  if (w == 0u) atomicAdd(Q[inst*4u + 0u], 1u);
}
