#version 430
// FitzHugh-Nagumo neurons: fused kernel, 8 invocations an instance.
layout(local_size_x = 8) in;
layout(std430, binding = 0) buffer State { uint S[]; };
layout(std430, binding = 1) readonly buffer Params { float P[]; };
layout(std430, binding = 2) readonly buffer Table { uint T[]; };
layout(std430, binding = 3) readonly buffer Conn { uint C[]; };
layout(std430, binding = 4) writeonly buffer Spikes { uint X[]; };
layout(std430, binding = 5) writeonly buffer Records { float R[]; };
layout(std430, binding = 6) buffer Status { uint Q[]; };
uniform uint u_instances, u_steps, u_words;
uniform uint u_first; // the first step as an int, from where the last spikes count
uniform uint u_low, u_high; // the first step since t = 0, in two words
uniform uint u_phase_0, u_row_0; // cells.V: the first step modulo 10; where its rows begin


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

float gs_pow3(float x1) {
  precise float x2 = x1*x1;
  precise float result = x1*x2;
  return result;
}

void main() {
  uint inst = gl_WorkGroupID.x;
  uint w = gl_LocalInvocationIndex;
  uint trips = 0u, u = 0u, bad = 0xffffffffu;
  precise float p_inputs_0_value = P[T[0u] + inst*T[1u]];
  precise float p_cells_b = P[T[4u] + inst*T[5u]];
  precise float p_cells_tau = P[T[6u] + inst*T[7u]];
  precise float p_cells_a = P[T[2u] + inst*T[3u]];
  precise float p_cells_V_th = P[T[8u] + inst*T[9u]];
  uint in_cells_V = 0u*u_instances + inst*20u;
  uint in_cells_w = 20u*u_instances + inst*20u;
  uint in_cells_inp = 40u*u_instances + inst*20u;
  uint in_cells_spike_condition = 60u*u_instances + inst*20u;
  precise float h_0 = 0.05*gs_exprel((((-p_cells_b)/p_cells_tau)*0.05));
  precise float h_1 = 1.0/p_cells_tau;
  precise float a_cells_V[3];
  precise float a_cells_w[3];
  precise float a_cells_inp[3];
  uint spikes_0[3];
  uint a_cells_spike_condition = 0u;
  for (uint k = 0u; k < 3u; ++k) {
    ++trips;
    uint i = min(k*8u + w, 19u);
    bool own = k*8u + w < 20u;
    a_cells_V[k] = 0.0;
    if (own) a_cells_V[k] = uintBitsToFloat(S[in_cells_V + i]);
    a_cells_w[k] = 0.0;
    if (own) a_cells_w[k] = uintBitsToFloat(S[in_cells_w + i]);
    a_cells_inp[k] = 0.0;
    if (own) a_cells_inp[k] = uintBitsToFloat(S[in_cells_inp + i]);
    spikes_0[k] = 0u;
    if (own) a_cells_spike_condition |= (S[in_cells_spike_condition + i] & 1u) << (k & 31u);
  }
  for (uint word = 0u; word < u_words; ++word) {
    ++trips;
    uint count = min(32u, u_steps - word*32u);
    for (uint bit = 0u; bit < count; ++bit) {
      ++trips;
      // population cells
      for (uint k = 0u; k < 3u; ++k) {
        ++trips;
        uint i = min(k*8u + w, 19u);
        bool own = k*8u + w < 20u;
        precise float v_cells_V = a_cells_V[k];
        precise float v_cells_w = a_cells_w[k];
        precise float v_cells_inp = a_cells_inp[k];
        if (u > 0u) {
          v_cells_inp = 0.0;
        }
        v_cells_inp = v_cells_inp + p_inputs_0_value; // fitzhugh_nagumo.yaml:27
        precise float q_new_V = v_cells_V + ((0.05*gs_exprel(0.05))*(((v_cells_V - (gs_pow3(v_cells_V)*0.33333334)) - v_cells_w) + v_cells_inp)); // fitzhugh_nagumo.yaml:16
        precise float q_new_w = v_cells_w + (h_0*(((v_cells_V + p_cells_a) - (p_cells_b*v_cells_w))*h_1)); // fitzhugh_nagumo.yaml:17
        v_cells_V = q_new_V; // fitzhugh_nagumo.yaml:16
        v_cells_w = q_new_w; // fitzhugh_nagumo.yaml:17
        precise bool condition = v_cells_V >= p_cells_V_th;
        bool before = ((a_cells_spike_condition >> (k & 31u)) & 1u) == 1u;
        a_cells_spike_condition = a_cells_spike_condition ^ (uint(before != condition) << (k & 31u));
        bool spiked = condition && !before;
        spikes_0[k] |= uint(spiked) << bit;
        if ((u_phase_0 + u) % 10u == 0u) {
          if (own) R[u_row_0 + (((u_phase_0 + u)/10u - min(u_phase_0, 1u))*u_instances + inst)*20u + i] = v_cells_V;
        }
        a_cells_V[k] = v_cells_V;
        a_cells_w[k] = v_cells_w;
      }
      ++u;
    }
    for (uint k = 0u; k < 3u; ++k) {
      ++trips;
      uint i = min(k*8u + w, 19u);
      bool own = k*8u + w < 20u;
      if (own) X[0u*u_instances*u_words + (inst*u_words + word)*20u + i] = spikes_0[k];
      spikes_0[k] = 0u;
      if (own && !gs_finite(a_cells_V[k])) bad = min(bad, word << 22 | min(0u + i, 4194303u));
      if (own && !gs_finite(a_cells_w[k])) bad = min(bad, word << 22 | min(20u + i, 4194303u));
    }
  }
  for (uint k = 0u; k < 3u; ++k) {
    ++trips;
    uint i = min(k*8u + w, 19u);
    bool own = k*8u + w < 20u;
    precise float v_cells_V = a_cells_V[k];
    precise float v_cells_w = a_cells_w[k];
    precise float v_cells_inp = a_cells_inp[k];
    v_cells_inp = 0.0;
    if (own) S[in_cells_V + i] = floatBitsToUint(v_cells_V);
    if (own) S[in_cells_w + i] = floatBitsToUint(v_cells_w);
    if (own) S[in_cells_inp + i] = floatBitsToUint(v_cells_inp);
    if (own) S[in_cells_spike_condition + i] = (a_cells_spike_condition >> (k & 31u)) & 1u;
  }
  atomicAdd(Q[inst*2u + 0u], trips);
  if (bad != 0xffffffffu) atomicMax(Q[inst*2u + 1u], ~bad);
}
