#version 430
// balanced network: fused kernel, 8 invocations an instance.
layout(local_size_x = 8) in;
layout(std430, binding = 0) coherent buffer State { uint S[]; };
layout(std430, binding = 1) readonly buffer Params { float P[]; };
layout(std430, binding = 2) readonly buffer Table { uint T[]; };
layout(std430, binding = 3) readonly buffer Conn { uint C[]; };
layout(std430, binding = 4) writeonly buffer Spikes { uint X[]; };
layout(std430, binding = 5) writeonly buffer Records { float R[]; };
layout(std430, binding = 6) buffer Status { uint Q[]; };
uniform uint u_instances, u_steps, u_words;
uniform uint u_first; // the first step as an int, from where the last spikes count
uniform uint u_low, u_high; // the first step since t = 0, in two words
uniform uint u_ring_14; // cells.spiked.line: the first step modulo 16
uniform uint u_zero; // never set: so that long loops are not unrolled


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

// NaN and infinities by their exponent bits: isnan() may be optimised away.
bool gs_finite(float x) {
  return (floatBitsToUint(x) & 0x7f800000u) != 0x7f800000u;
}

// The eight columns of a tile, as every sum adds them.
float gs_tree(float a, float b, float c, float d, float e, float f, float g, float h) {
  precise float ab = a + b, cd = c + d, ef = e + f, gh = g + h;
  precise float abcd = ab + cd, efgh = ef + gh;
  precise float result = abcd + efgh;
  return result;
}

void main() {
  uint inst = gl_WorkGroupID.x;
  uint w = gl_LocalInvocationIndex;
  uint trips = 0u, u = 0u, bad = 0xffffffffu;
  uint in_cells_spiked_line = 2500u*u_instances + inst*8000u;
  precise float p_exc_w = P[T[14u] + inst*T[15u]];
  precise float p_inh_w = P[T[16u] + inst*T[17u]];
  precise float p_cells_refractory_steps = P[T[0u] + inst*T[1u]];
  precise float p_cells_tau = P[T[4u] + inst*T[5u]];
  precise float p_cells_V_rest = P[T[2u] + inst*T[3u]];
  precise float p_cells_tau_e = P[T[6u] + inst*T[7u]];
  precise float p_cells_tau_i = P[T[8u] + inst*T[9u]];
  precise float p_cells_V_th = P[T[10u] + inst*T[11u]];
  precise float p_cells_V_reset = P[T[12u] + inst*T[13u]];
  uint in_cells_V = 0u*u_instances + inst*500u;
  uint in_cells_ge = 500u*u_instances + inst*500u;
  uint in_cells_gi = 1000u*u_instances + inst*500u;
  uint in_cells_spiked = 2000u*u_instances + inst*500u;
  uint in_cells_last_spike_step = 1500u*u_instances + inst*500u;
  precise float h_0 = 0.1*gs_exprel((((-1.0)/p_cells_tau)*0.1));
  precise float h_1 = 1.0/p_cells_tau;
  precise float h_2 = 0.1*gs_exprel((((-1.0)/p_cells_tau_e)*0.1));
  precise float h_3 = 1.0/p_cells_tau_e;
  precise float h_4 = 0.1*gs_exprel((((-1.0)/p_cells_tau_i)*0.1));
  precise float h_5 = 1.0/p_cells_tau_i;
  precise float a_cells_V[63];
  precise float a_cells_ge[63];
  precise float a_cells_gi[63];
  precise float a_cells_spiked[63];
  uint spikes_0[63];
  int a_cells_last_spike_step[63];
  for (uint trip = 0u; trip < 63u + u_zero; ++trip) {
    ++trips;
    uint k = trip + u_zero;
    uint i = min(k*8u + w, 499u);
    bool own = k*8u + w < 500u;
    a_cells_V[k] = 0.0;
    if (own) a_cells_V[k] = uintBitsToFloat(S[in_cells_V + i]);
    a_cells_ge[k] = 0.0;
    if (own) a_cells_ge[k] = uintBitsToFloat(S[in_cells_ge + i]);
    a_cells_gi[k] = 0.0;
    if (own) a_cells_gi[k] = uintBitsToFloat(S[in_cells_gi + i]);
    a_cells_spiked[k] = 0.0;
    if (own) a_cells_spiked[k] = uintBitsToFloat(S[in_cells_spiked + i]);
    spikes_0[k] = 0u;
    a_cells_last_spike_step[k] = 0;
    if (own) a_cells_last_spike_step[k] = int(S[in_cells_last_spike_step + i]);
  }
  for (uint word = 0u; word < u_words; ++word) {
    ++trips;
    uint count = min(32u, u_steps - word*32u);
    for (uint bit = 0u; bit < count; ++bit) {
      ++trips;
      // population cells
      for (uint trip = 0u; trip < 63u + u_zero; ++trip) {
        ++trips;
        uint k = trip + u_zero;
        uint i = min(k*8u + w, 499u);
        bool own = k*8u + w < 500u;
        precise float v_cells_V = a_cells_V[k];
        precise float v_cells_ge = a_cells_ge[k];
        precise float v_cells_gi = a_cells_gi[k];
        precise float v_cells_spiked = a_cells_spiked[k];
        if (u > 0u) {
          if (own) {
            uint begin = C[0u + i];
            uint length = C[1u + i] - begin;
            precise float row_0_e0_0 = 0.0;
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
                    precise bool x_0 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
                    a0 += valid ? (x_0 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 1u < length;
                    uint at = begin + (valid ? s + e*8u + 1u : 0u);
                    uint pre = C[501u + at];
                    precise bool x_1 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
                    a1 += valid ? (x_1 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 2u < length;
                    uint at = begin + (valid ? s + e*8u + 2u : 0u);
                    uint pre = C[501u + at];
                    precise bool x_2 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
                    a2 += valid ? (x_2 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 3u < length;
                    uint at = begin + (valid ? s + e*8u + 3u : 0u);
                    uint pre = C[501u + at];
                    precise bool x_3 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
                    a3 += valid ? (x_3 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 4u < length;
                    uint at = begin + (valid ? s + e*8u + 4u : 0u);
                    uint pre = C[501u + at];
                    precise bool x_4 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
                    a4 += valid ? (x_4 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 5u < length;
                    uint at = begin + (valid ? s + e*8u + 5u : 0u);
                    uint pre = C[501u + at];
                    precise bool x_5 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
                    a5 += valid ? (x_5 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 6u < length;
                    uint at = begin + (valid ? s + e*8u + 6u : 0u);
                    uint pre = C[501u + at];
                    precise bool x_6 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
                    a6 += valid ? (x_6 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 7u < length;
                    uint at = begin + (valid ? s + e*8u + 7u : 0u);
                    uint pre = C[501u + at];
                    precise bool x_7 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
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
              row_0_e0_0 = gs_tree(b0, b1, b2, b3, b4, b5, b6, b7);
            }
            v_cells_ge += row_0_e0_0*(p_exc_w); // balanced.yaml:26
          }
          if (own) {
            uint begin = C[32463u + i];
            uint length = C[32464u + i] - begin;
            precise float row_1_e0_0 = 0.0;
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
                    precise bool x_8 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
                    a0 += valid ? (x_8 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 1u < length;
                    uint at = begin + (valid ? s + e*8u + 1u : 0u);
                    uint pre = C[32964u + at];
                    precise bool x_9 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
                    a1 += valid ? (x_9 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 2u < length;
                    uint at = begin + (valid ? s + e*8u + 2u : 0u);
                    uint pre = C[32964u + at];
                    precise bool x_10 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
                    a2 += valid ? (x_10 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 3u < length;
                    uint at = begin + (valid ? s + e*8u + 3u : 0u);
                    uint pre = C[32964u + at];
                    precise bool x_11 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
                    a3 += valid ? (x_11 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 4u < length;
                    uint at = begin + (valid ? s + e*8u + 4u : 0u);
                    uint pre = C[32964u + at];
                    precise bool x_12 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
                    a4 += valid ? (x_12 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 5u < length;
                    uint at = begin + (valid ? s + e*8u + 5u : 0u);
                    uint pre = C[32964u + at];
                    precise bool x_13 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
                    a5 += valid ? (x_13 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 6u < length;
                    uint at = begin + (valid ? s + e*8u + 6u : 0u);
                    uint pre = C[32964u + at];
                    precise bool x_14 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
                    a6 += valid ? (x_14 ? 1.0 : 0.0) : 0.0;
                  }
                  {
                    bool valid = s + e*8u + 7u < length;
                    uint at = begin + (valid ? s + e*8u + 7u : 0u);
                    uint pre = C[32964u + at];
                    precise bool x_15 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
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
              row_1_e0_0 = gs_tree(b0, b1, b2, b3, b4, b5, b6, b7);
            }
            v_cells_gi += row_1_e0_0*(p_inh_w); // balanced.yaml:27
          }
        }
        bool refractory = int(u_first + u) - a_cells_last_spike_step[k] < int(p_cells_refractory_steps);
        precise float q_new_V = (refractory ? v_cells_V : (v_cells_V + (h_0*((((p_cells_V_rest - v_cells_V) + v_cells_ge) + v_cells_gi)*h_1)))); // balanced.yaml:20
        precise float q_new_ge = v_cells_ge + (h_2*((-v_cells_ge)*h_3)); // balanced.yaml:21
        precise float q_new_gi = v_cells_gi + (h_4*((-v_cells_gi)*h_5)); // balanced.yaml:22
        v_cells_V = q_new_V; // balanced.yaml:20
        v_cells_ge = q_new_ge; // balanced.yaml:21
        v_cells_gi = q_new_gi; // balanced.yaml:22
        precise bool condition = v_cells_V >= p_cells_V_th;
        bool spiked = condition && !refractory;
        spikes_0[k] |= uint(spiked) << bit;
        a_cells_last_spike_step[k] = spiked ? int(u_first + u) : a_cells_last_spike_step[k];
        v_cells_V = spiked ? p_cells_V_reset : v_cells_V; // balanced.yaml:24
        v_cells_spiked = spiked ? 1.0 : 0.0;
        a_cells_V[k] = v_cells_V;
        a_cells_ge[k] = v_cells_ge;
        a_cells_gi[k] = v_cells_gi;
        a_cells_spiked[k] = v_cells_spiked;
        if (own) S[in_cells_spiked_line + ((u_ring_14 + u)%16u)*500u + i] = floatBitsToUint(v_cells_spiked);
      }
      memoryBarrierBuffer();
      barrier();
      ++u;
    }
    for (uint trip = 0u; trip < 63u + u_zero; ++trip) {
      ++trips;
      uint k = trip + u_zero;
      uint i = min(k*8u + w, 499u);
      bool own = k*8u + w < 500u;
      if (own) X[0u*u_instances*u_words + (inst*u_words + word)*500u + i] = spikes_0[k];
      spikes_0[k] = 0u;
      if (own && !gs_finite(a_cells_V[k])) bad = min(bad, word << 22 | min(0u + i, 4194303u));
      if (own && !gs_finite(a_cells_ge[k])) bad = min(bad, word << 22 | min(500u + i, 4194303u));
      if (own && !gs_finite(a_cells_gi[k])) bad = min(bad, word << 22 | min(1000u + i, 4194303u));
    }
  }
  for (uint trip = 0u; trip < 63u + u_zero; ++trip) {
    ++trips;
    uint k = trip + u_zero;
    uint i = min(k*8u + w, 499u);
    bool own = k*8u + w < 500u;
    precise float v_cells_V = a_cells_V[k];
    precise float v_cells_ge = a_cells_ge[k];
    precise float v_cells_gi = a_cells_gi[k];
    precise float v_cells_spiked = a_cells_spiked[k];
    if (own) {
      uint begin = C[0u + i];
      uint length = C[1u + i] - begin;
      precise float row_0_e0_0 = 0.0;
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
              precise bool x_16 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
              a0 += valid ? (x_16 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 1u < length;
              uint at = begin + (valid ? s + e*8u + 1u : 0u);
              uint pre = C[501u + at];
              precise bool x_17 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
              a1 += valid ? (x_17 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 2u < length;
              uint at = begin + (valid ? s + e*8u + 2u : 0u);
              uint pre = C[501u + at];
              precise bool x_18 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
              a2 += valid ? (x_18 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 3u < length;
              uint at = begin + (valid ? s + e*8u + 3u : 0u);
              uint pre = C[501u + at];
              precise bool x_19 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
              a3 += valid ? (x_19 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 4u < length;
              uint at = begin + (valid ? s + e*8u + 4u : 0u);
              uint pre = C[501u + at];
              precise bool x_20 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
              a4 += valid ? (x_20 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 5u < length;
              uint at = begin + (valid ? s + e*8u + 5u : 0u);
              uint pre = C[501u + at];
              precise bool x_21 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
              a5 += valid ? (x_21 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 6u < length;
              uint at = begin + (valid ? s + e*8u + 6u : 0u);
              uint pre = C[501u + at];
              precise bool x_22 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
              a6 += valid ? (x_22 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 7u < length;
              uint at = begin + (valid ? s + e*8u + 7u : 0u);
              uint pre = C[501u + at];
              precise bool x_23 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 1u)%16u)*500u + pre]) != 0.0;
              a7 += valid ? (x_23 ? 1.0 : 0.0) : 0.0;
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
        row_0_e0_0 = gs_tree(b0, b1, b2, b3, b4, b5, b6, b7);
      }
      v_cells_ge += row_0_e0_0*(p_exc_w); // balanced.yaml:26
    }
    if (own) {
      uint begin = C[32463u + i];
      uint length = C[32464u + i] - begin;
      precise float row_1_e0_0 = 0.0;
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
              precise bool x_24 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
              a0 += valid ? (x_24 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 1u < length;
              uint at = begin + (valid ? s + e*8u + 1u : 0u);
              uint pre = C[32964u + at];
              precise bool x_25 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
              a1 += valid ? (x_25 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 2u < length;
              uint at = begin + (valid ? s + e*8u + 2u : 0u);
              uint pre = C[32964u + at];
              precise bool x_26 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
              a2 += valid ? (x_26 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 3u < length;
              uint at = begin + (valid ? s + e*8u + 3u : 0u);
              uint pre = C[32964u + at];
              precise bool x_27 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
              a3 += valid ? (x_27 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 4u < length;
              uint at = begin + (valid ? s + e*8u + 4u : 0u);
              uint pre = C[32964u + at];
              precise bool x_28 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
              a4 += valid ? (x_28 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 5u < length;
              uint at = begin + (valid ? s + e*8u + 5u : 0u);
              uint pre = C[32964u + at];
              precise bool x_29 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
              a5 += valid ? (x_29 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 6u < length;
              uint at = begin + (valid ? s + e*8u + 6u : 0u);
              uint pre = C[32964u + at];
              precise bool x_30 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
              a6 += valid ? (x_30 ? 1.0 : 0.0) : 0.0;
            }
            {
              bool valid = s + e*8u + 7u < length;
              uint at = begin + (valid ? s + e*8u + 7u : 0u);
              uint pre = C[32964u + at];
              precise bool x_31 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_14 + u + 8u)%16u)*500u + (pre + 400u)]) != 0.0;
              a7 += valid ? (x_31 ? 1.0 : 0.0) : 0.0;
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
        row_1_e0_0 = gs_tree(b0, b1, b2, b3, b4, b5, b6, b7);
      }
      v_cells_gi += row_1_e0_0*(p_inh_w); // balanced.yaml:27
    }
    if (own) S[in_cells_V + i] = floatBitsToUint(v_cells_V);
    if (own) S[in_cells_ge + i] = floatBitsToUint(v_cells_ge);
    if (own && !gs_finite(v_cells_ge)) bad = min(bad, ((u - 1u) >> 5) << 22 | min(500u + i, 4194303u));
    if (own) S[in_cells_gi + i] = floatBitsToUint(v_cells_gi);
    if (own && !gs_finite(v_cells_gi)) bad = min(bad, ((u - 1u) >> 5) << 22 | min(1000u + i, 4194303u));
    if (own) S[in_cells_spiked + i] = floatBitsToUint(v_cells_spiked);
    if (own) S[in_cells_last_spike_step + i] = uint(a_cells_last_spike_step[k]);
  }
  atomicAdd(Q[inst*2u + 0u], trips);
  if (bad != 0xffffffffu) atomicMax(Q[inst*2u + 1u], ~bad);
}
