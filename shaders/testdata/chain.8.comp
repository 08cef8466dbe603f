#version 430
// a volley in a chain of groups: fused kernel, 8 invocations an instance.
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
uniform uint u_ring_23; // cells.spiked.line: the first step modulo 81
uniform uint u_from_0, u_until_0; // a span of steps, counted from the first
uniform uint u_phase_0, u_row_0; // cells.V: the first step modulo 5; where its rows begin
uniform uint u_zero; // never set: so that long loops are not unrolled

shared float col_0_0_0[16];
shared float src_1_0_0[50];
shared float col_1_0_0[8];
shared float src_2_0_0[50];
shared float col_2_0_0[8];
shared float src_3_0_0[50];
shared float col_3_0_0[8];

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
  precise float p_one_w = P[T[16u] + inst*T[17u]];
  precise float p_two_w = P[T[20u] + inst*T[21u]];
  precise float p_three_w = P[T[24u] + inst*T[25u]];
  precise float p_four_w = P[T[28u] + inst*T[29u]];
  precise float p_inputs_0_value = P[T[0u] + inst*T[1u]];
  precise float p_cells_refractory_steps = P[T[2u] + inst*T[3u]];
  precise float p_cells_tau = P[T[8u] + inst*T[9u]];
  precise float p_cells_V_rest = P[T[4u] + inst*T[5u]];
  precise float p_cells_R = P[T[6u] + inst*T[7u]];
  precise float p_cells_V_th = P[T[10u] + inst*T[11u]];
  precise float p_cells_V_reset = P[T[12u] + inst*T[13u]];
  precise float p_one_tau = P[T[14u] + inst*T[15u]];
  uint in_cells_spiked_line = 1200u*u_instances + inst*20250u;
  precise float p_two_tau = P[T[18u] + inst*T[19u]];
  precise float p_three_tau = P[T[22u] + inst*T[23u]];
  precise float p_four_tau = P[T[26u] + inst*T[27u]];
  uint in_cells_V = 0u*u_instances + inst*250u;
  uint in_cells_inp = 250u*u_instances + inst*250u;
  uint in_cells_spiked = 800u*u_instances + inst*250u;
  uint in_one_s = 750u*u_instances + inst*50u;
  uint in_two_s = 1050u*u_instances + inst*50u;
  uint in_three_s = 1100u*u_instances + inst*50u;
  uint in_four_s = 1150u*u_instances + inst*50u;
  uint in_cells_last_spike_step = 500u*u_instances + inst*250u;
  precise float h_0 = 0.1*gs_exprel((((-1.0)/p_cells_tau)*0.1));
  precise float h_1 = 1.0/p_cells_tau;
  precise float h_2 = 0.1*gs_exprel((((-1.0)/p_one_tau)*0.1));
  precise float h_3 = 1.0/p_one_tau;
  precise float h_4 = 0.1*gs_exprel((((-1.0)/p_two_tau)*0.1));
  precise float h_5 = 1.0/p_two_tau;
  precise float h_6 = 0.1*gs_exprel((((-1.0)/p_three_tau)*0.1));
  precise float h_7 = 1.0/p_three_tau;
  precise float h_8 = 0.1*gs_exprel((((-1.0)/p_four_tau)*0.1));
  precise float h_9 = 1.0/p_four_tau;
  precise float a_cells_V[32];
  precise float a_cells_inp[32];
  precise float a_cells_spiked[32];
  precise float a_one_s[32];
  precise float a_two_s[32];
  precise float a_three_s[32];
  precise float a_four_s[32];
  uint spikes_0[32];
  int a_cells_last_spike_step[32];
  for (uint trip = 0u; trip < 32u + u_zero; ++trip) {
    ++trips;
    uint k = trip + u_zero;
    uint i = min(k*8u + w, 249u);
    bool own = k*8u + w < 250u;
    a_cells_V[k] = 0.0;
    if (own) a_cells_V[k] = uintBitsToFloat(S[in_cells_V + i]);
    a_cells_inp[k] = 0.0;
    if (own) a_cells_inp[k] = uintBitsToFloat(S[in_cells_inp + i]);
    a_cells_spiked[k] = 0.0;
    if (own) a_cells_spiked[k] = uintBitsToFloat(S[in_cells_spiked + i]);
    a_one_s[k] = 0.0;
    if (own && i < 50u) a_one_s[k] = uintBitsToFloat(S[in_one_s + min(i, 49u)]);
    a_two_s[k] = 0.0;
    if (own && i >= 50u && i < 100u) a_two_s[k] = uintBitsToFloat(S[in_two_s + min((i - 50u), 49u)]);
    a_three_s[k] = 0.0;
    if (own && i >= 100u && i < 150u) a_three_s[k] = uintBitsToFloat(S[in_three_s + min((i - 100u), 49u)]);
    a_four_s[k] = 0.0;
    if (own && i >= 150u && i < 200u) a_four_s[k] = uintBitsToFloat(S[in_four_s + min((i - 150u), 49u)]);
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
      precise float sum_0_0_0 = 0.0;
      uint at_0_0_0 = ((u + 1u) & 1u)*8u;
      precise float total_0_0_0 = gs_tree(col_0_0_0[at_0_0_0 + 0u], col_0_0_0[at_0_0_0 + 1u], col_0_0_0[at_0_0_0 + 2u], col_0_0_0[at_0_0_0 + 3u], col_0_0_0[at_0_0_0 + 4u], col_0_0_0[at_0_0_0 + 5u], col_0_0_0[at_0_0_0 + 6u], col_0_0_0[at_0_0_0 + 7u]);
      precise float total_1_0_0 = gs_tree(col_1_0_0[0u], col_1_0_0[1u], col_1_0_0[2u], col_1_0_0[3u], col_1_0_0[4u], col_1_0_0[5u], col_1_0_0[6u], col_1_0_0[7u]);
      precise float total_2_0_0 = gs_tree(col_2_0_0[0u], col_2_0_0[1u], col_2_0_0[2u], col_2_0_0[3u], col_2_0_0[4u], col_2_0_0[5u], col_2_0_0[6u], col_2_0_0[7u]);
      precise float total_3_0_0 = gs_tree(col_3_0_0[0u], col_3_0_0[1u], col_3_0_0[2u], col_3_0_0[3u], col_3_0_0[4u], col_3_0_0[5u], col_3_0_0[6u], col_3_0_0[7u]);
      for (uint trip = 0u; trip < 32u + u_zero; ++trip) {
        ++trips;
        uint k = trip + u_zero;
        uint i = min(k*8u + w, 249u);
        bool own = k*8u + w < 250u;
        precise float v_cells_V = a_cells_V[k];
        precise float v_cells_inp = a_cells_inp[k];
        precise float v_cells_spiked = a_cells_spiked[k];
        precise float v_one_s = a_one_s[k];
        precise float v_two_s = a_two_s[k];
        precise float v_three_s = a_three_s[k];
        precise float v_four_s = a_four_s[k];
        if (u > 0u) {
          v_cells_inp = 0.0;
          if (i >= 50u && i < 100u) {
            v_cells_inp += total_0_0_0*(p_one_w); // chain.yaml:19
          }
          if (i >= 100u && i < 150u) {
            v_cells_inp += total_1_0_0*(p_two_w); // chain.yaml:19
          }
          if (i >= 150u && i < 200u) {
            v_cells_inp += total_2_0_0*(p_three_w); // chain.yaml:19
          }
          if (i >= 200u && i < 250u) {
            v_cells_inp += total_3_0_0*(p_four_w); // chain.yaml:19
          }
        }
        v_cells_inp = ((i >= 0u && i < 50u) ? ((u >= u_from_0 && u < u_until_0) ? (v_cells_inp + p_inputs_0_value) : v_cells_inp) : v_cells_inp); // chain.yaml:36
        bool refractory = int(u_first + u) - a_cells_last_spike_step[k] < int(p_cells_refractory_steps);
        precise float q_new_V = (refractory ? v_cells_V : (v_cells_V + (h_0*(((-(v_cells_V - p_cells_V_rest)) + (p_cells_R*v_cells_inp))*h_1)))); // built-in model lif:9
        v_cells_V = q_new_V; // built-in model lif:9
        precise bool condition = v_cells_V >= p_cells_V_th;
        bool spiked = condition && !refractory;
        spikes_0[k] |= uint(spiked) << bit;
        a_cells_last_spike_step[k] = spiked ? int(u_first + u) : a_cells_last_spike_step[k];
        v_cells_V = spiked ? p_cells_V_reset : v_cells_V; // built-in model lif:11
        v_cells_spiked = spiked ? 1.0 : 0.0;
        if ((u_phase_0 + u) % 5u == 0u) {
          if (own) R[u_row_0 + (((u_phase_0 + u)/5u - min(u_phase_0, 1u))*u_instances + inst)*250u + i] = v_cells_V;
        }
        precise float q_new_s = v_one_s + (h_2*((-v_one_s)*h_3)); // chain.yaml:17
        precise bool x_0 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_23 + u + 2u)%81u)*250u + i]) != 0.0;
        precise float q_s_after = (x_0 ? (q_new_s + 1.0) : q_new_s); // chain.yaml:18
        v_one_s = q_s_after; // chain.yaml:16
        precise float q_new_s_2 = v_two_s + (h_4*((-v_two_s)*h_5)); // chain.yaml:17
        precise bool x_1 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_23 + u + 2u)%81u)*250u + i]) != 0.0;
        precise float q_s_after_2 = (x_1 ? (q_new_s_2 + 1.0) : q_new_s_2); // chain.yaml:18
        v_two_s = q_s_after_2; // chain.yaml:16
        precise float q_new_s_3 = v_three_s + (h_6*((-v_three_s)*h_7)); // chain.yaml:17
        precise bool x_2 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_23 + u + 2u)%81u)*250u + i]) != 0.0;
        precise float q_s_after_3 = (x_2 ? (q_new_s_3 + 1.0) : q_new_s_3); // chain.yaml:18
        v_three_s = q_s_after_3; // chain.yaml:16
        precise float q_new_s_4 = v_four_s + (h_8*((-v_four_s)*h_9)); // chain.yaml:17
        precise bool x_3 = uintBitsToFloat(S[in_cells_spiked_line + ((u_ring_23 + u + 2u)%81u)*250u + i]) != 0.0;
        precise float q_s_after_4 = (x_3 ? (q_new_s_4 + 1.0) : q_new_s_4); // chain.yaml:18
        v_four_s = q_s_after_4; // chain.yaml:16
        sum_0_0_0 = sum_0_0_0 + (own && i < 50u ? v_one_s : 0.0);
        precise float source_1_0_0 = v_two_s;
        if (own && i >= 50u && i < 100u) src_1_0_0[(i - 50u)] = source_1_0_0;
        precise float source_2_0_0 = v_three_s;
        if (own && i >= 100u && i < 150u) src_2_0_0[(i - 100u)] = source_2_0_0;
        precise float source_3_0_0 = v_four_s;
        if (own && i >= 150u && i < 200u) src_3_0_0[(i - 150u)] = source_3_0_0;
        a_cells_V[k] = v_cells_V;
        a_cells_spiked[k] = v_cells_spiked;
        a_one_s[k] = v_one_s;
        a_two_s[k] = v_two_s;
        a_three_s[k] = v_three_s;
        a_four_s[k] = v_four_s;
        if (own) S[in_cells_spiked_line + ((u_ring_23 + u)%81u)*250u + i] = floatBitsToUint(v_cells_spiked);
      }
      col_0_0_0[(u & 1u)*8u + w] = sum_0_0_0;
      memoryBarrierBuffer();
      memoryBarrierShared();
      barrier();
      for (uint c = w; c < 8u; c += 8u) {
        ++trips;
        precise float sum = 0.0;
        for (uint e = 0u; e < 16u; ++e) {
          ++trips;
          uint i = (c >> 3)*128u + e*8u + (c & 7u);
          sum += i < 50u ? src_1_0_0[min(i, 49u)] : 0.0;
        }
        col_1_0_0[c] = sum;
      }
      for (uint c = w; c < 8u; c += 8u) {
        ++trips;
        precise float sum = 0.0;
        for (uint e = 0u; e < 16u; ++e) {
          ++trips;
          uint i = (c >> 3)*128u + e*8u + (c & 7u);
          sum += i < 50u ? src_2_0_0[min(i, 49u)] : 0.0;
        }
        col_2_0_0[c] = sum;
      }
      for (uint c = w; c < 8u; c += 8u) {
        ++trips;
        precise float sum = 0.0;
        for (uint e = 0u; e < 16u; ++e) {
          ++trips;
          uint i = (c >> 3)*128u + e*8u + (c & 7u);
          sum += i < 50u ? src_3_0_0[min(i, 49u)] : 0.0;
        }
        col_3_0_0[c] = sum;
      }
      memoryBarrierShared();
      barrier();
      ++u;
    }
    for (uint trip = 0u; trip < 32u + u_zero; ++trip) {
      ++trips;
      uint k = trip + u_zero;
      uint i = min(k*8u + w, 249u);
      bool own = k*8u + w < 250u;
      if (own) X[0u*u_instances*u_words + (inst*u_words + word)*250u + i] = spikes_0[k];
      spikes_0[k] = 0u;
      if (own && !gs_finite(a_cells_V[k])) bad = min(bad, word << 22 | min(0u + i, 4194303u));
      if (own && i < 50u && !gs_finite(a_one_s[k])) bad = min(bad, word << 22 | min(750u + min(i, 49u), 4194303u));
      if (own && i >= 50u && i < 100u && !gs_finite(a_two_s[k])) bad = min(bad, word << 22 | min(1050u + min((i - 50u), 49u), 4194303u));
      if (own && i >= 100u && i < 150u && !gs_finite(a_three_s[k])) bad = min(bad, word << 22 | min(1100u + min((i - 100u), 49u), 4194303u));
      if (own && i >= 150u && i < 200u && !gs_finite(a_four_s[k])) bad = min(bad, word << 22 | min(1150u + min((i - 150u), 49u), 4194303u));
    }
  }
  uint at_0_0_0 = ((u + 1u) & 1u)*8u;
  precise float total_0_0_0 = gs_tree(col_0_0_0[at_0_0_0 + 0u], col_0_0_0[at_0_0_0 + 1u], col_0_0_0[at_0_0_0 + 2u], col_0_0_0[at_0_0_0 + 3u], col_0_0_0[at_0_0_0 + 4u], col_0_0_0[at_0_0_0 + 5u], col_0_0_0[at_0_0_0 + 6u], col_0_0_0[at_0_0_0 + 7u]);
  precise float total_1_0_0 = gs_tree(col_1_0_0[0u], col_1_0_0[1u], col_1_0_0[2u], col_1_0_0[3u], col_1_0_0[4u], col_1_0_0[5u], col_1_0_0[6u], col_1_0_0[7u]);
  precise float total_2_0_0 = gs_tree(col_2_0_0[0u], col_2_0_0[1u], col_2_0_0[2u], col_2_0_0[3u], col_2_0_0[4u], col_2_0_0[5u], col_2_0_0[6u], col_2_0_0[7u]);
  precise float total_3_0_0 = gs_tree(col_3_0_0[0u], col_3_0_0[1u], col_3_0_0[2u], col_3_0_0[3u], col_3_0_0[4u], col_3_0_0[5u], col_3_0_0[6u], col_3_0_0[7u]);
  for (uint trip = 0u; trip < 32u + u_zero; ++trip) {
    ++trips;
    uint k = trip + u_zero;
    uint i = min(k*8u + w, 249u);
    bool own = k*8u + w < 250u;
    precise float v_cells_V = a_cells_V[k];
    precise float v_cells_inp = a_cells_inp[k];
    precise float v_cells_spiked = a_cells_spiked[k];
    precise float v_one_s = a_one_s[k];
    precise float v_two_s = a_two_s[k];
    precise float v_three_s = a_three_s[k];
    precise float v_four_s = a_four_s[k];
    v_cells_inp = 0.0;
    if (i >= 50u && i < 100u) {
      v_cells_inp += total_0_0_0*(p_one_w); // chain.yaml:19
    }
    if (i >= 100u && i < 150u) {
      v_cells_inp += total_1_0_0*(p_two_w); // chain.yaml:19
    }
    if (i >= 150u && i < 200u) {
      v_cells_inp += total_2_0_0*(p_three_w); // chain.yaml:19
    }
    if (i >= 200u && i < 250u) {
      v_cells_inp += total_3_0_0*(p_four_w); // chain.yaml:19
    }
    if (own) S[in_cells_V + i] = floatBitsToUint(v_cells_V);
    if (own) S[in_cells_inp + i] = floatBitsToUint(v_cells_inp);
    if (own) S[in_cells_spiked + i] = floatBitsToUint(v_cells_spiked);
    if (own && i < 50u) S[in_one_s + min(i, 49u)] = floatBitsToUint(v_one_s);
    if (own && i >= 50u && i < 100u) S[in_two_s + min((i - 50u), 49u)] = floatBitsToUint(v_two_s);
    if (own && i >= 100u && i < 150u) S[in_three_s + min((i - 100u), 49u)] = floatBitsToUint(v_three_s);
    if (own && i >= 150u && i < 200u) S[in_four_s + min((i - 150u), 49u)] = floatBitsToUint(v_four_s);
    if (own) S[in_cells_last_spike_step + i] = uint(a_cells_last_spike_step[k]);
  }
  atomicAdd(Q[inst*2u + 0u], trips);
  if (bad != 0xffffffffu) atomicMax(Q[inst*2u + 1u], ~bad);
}
