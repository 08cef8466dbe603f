#version 430
// Hodgkin-Huxley neurons: fused kernel, 8 invocations an instance.
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
uniform uint u_from_0, u_until_0; // a span of steps, counted from the first
uniform uint u_from_1, u_until_1; // a span of steps, counted from the first
uniform uint u_phase_0, u_row_0; // axons.V: the first step modulo 5; where its rows begin
uniform uint u_phase_1, u_row_1; // axons.INa: the first step modulo 5; where its rows begin
uniform uint u_phase_2, u_row_2; // axons.n: the first step modulo 50; where its rows begin


// exp(x) to the last digit, for powers of it; the driver's own may lose four bits.
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

// x/(exp(x) - 1), 1 at x = 0: one division; e is exp(x).
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

// NaN and infinities by their exponent bits: isnan() may be optimised away.
bool gs_finite(float x) {
  return (floatBitsToUint(x) & 0x7f800000u) != 0x7f800000u;
}

float gs_pow3(float x1) {
  precise float x2 = x1*x1;
  precise float result = x1*x2;
  return result;
}

float gs_pow4(float x1) {
  precise float x2 = x1*x1;
  precise float x4 = x2*x2;
  precise float result = x4;
  return result;
}

void main() {
  uint inst = gl_WorkGroupID.x;
  uint w = gl_LocalInvocationIndex;
  uint trips = 0u, u = 0u, bad = 0xffffffffu;
  precise float p_inputs_0_value = P[T[0u] + inst*T[1u]];
  precise float p_inputs_1_value = P[T[2u] + inst*T[3u]];
  precise float p_axons_gNa = P[T[4u] + inst*T[5u]];
  precise float p_axons_ENa = P[T[6u] + inst*T[7u]];
  precise float p_axons_gK = P[T[8u] + inst*T[9u]];
  precise float p_axons_EK = P[T[10u] + inst*T[11u]];
  precise float p_axons_gL = P[T[12u] + inst*T[13u]];
  precise float p_axons_EL = P[T[14u] + inst*T[15u]];
  precise float p_axons_C = P[T[16u] + inst*T[17u]];
  precise float p_axons_V_th = P[T[18u] + inst*T[19u]];
  uint in_axons_V = 0u*u_instances + inst*10u;
  uint in_axons_m = 10u*u_instances + inst*10u;
  uint in_axons_h = 20u*u_instances + inst*10u;
  uint in_axons_n = 30u*u_instances + inst*10u;
  uint in_axons_I = 40u*u_instances + inst*10u;
  uint in_axons_spike_condition = 50u*u_instances + inst*10u;
  precise float h_0 = 1.0/p_axons_C;
  precise float a_axons_V[2];
  precise float a_axons_m[2];
  precise float a_axons_h[2];
  precise float a_axons_n[2];
  precise float a_axons_I[2];
  uint spikes_0[2];
  uint a_axons_spike_condition = 0u;
  for (uint k = 0u; k < 2u; ++k) {
    ++trips;
    uint i = min(k*8u + w, 9u);
    bool own = k*8u + w < 10u;
    a_axons_V[k] = 0.0;
    if (own) a_axons_V[k] = uintBitsToFloat(S[in_axons_V + i]);
    a_axons_m[k] = 0.0;
    if (own) a_axons_m[k] = uintBitsToFloat(S[in_axons_m + i]);
    a_axons_h[k] = 0.0;
    if (own) a_axons_h[k] = uintBitsToFloat(S[in_axons_h + i]);
    a_axons_n[k] = 0.0;
    if (own) a_axons_n[k] = uintBitsToFloat(S[in_axons_n + i]);
    a_axons_I[k] = 0.0;
    if (own) a_axons_I[k] = uintBitsToFloat(S[in_axons_I + i]);
    spikes_0[k] = 0u;
    if (own) a_axons_spike_condition |= (S[in_axons_spike_condition + i] & 1u) << (k & 31u);
  }
  for (uint word = 0u; word < u_words; ++word) {
    ++trips;
    uint count = min(32u, u_steps - word*32u);
    for (uint bit = 0u; bit < count; ++bit) {
      ++trips;
      // population axons
      for (uint k = 0u; k < 2u; ++k) {
        ++trips;
        uint i = min(k*8u + w, 9u);
        bool own = k*8u + w < 10u;
        precise float v_axons_V = a_axons_V[k];
        precise float v_axons_m = a_axons_m[k];
        precise float v_axons_h = a_axons_h[k];
        precise float v_axons_n = a_axons_n[k];
        precise float v_axons_I = a_axons_I[k];
        if (u > 0u) {
          v_axons_I = 0.0;
        }
        v_axons_I = ((u >= u_from_0 && u < u_until_0) ? (v_axons_I + p_inputs_0_value) : v_axons_I); // hodgkin_huxley.yaml:41
        v_axons_I = ((i >= 0u && i < 3u) ? ((u >= u_from_1 && u < u_until_1) ? (v_axons_I + p_inputs_1_value) : v_axons_I) : v_axons_I); // hodgkin_huxley.yaml:42
        precise float x_0 = ((-0.0125)*v_axons_V) + (-0.8125);
        precise float x_1 = gs_exp(x_0); // hodgkin_huxley.yaml:18
        precise float x_2 = x_1*x_1; // hodgkin_huxley.yaml:18
        precise float x_3 = x_2*x_2; // hodgkin_huxley.yaml:18
        precise float x_4 = x_3*x_3; // hodgkin_huxley.yaml:18
        precise float x_5 = (-(v_axons_V + 40.0))*0.1;
        precise float x_6 = 12.182494*x_4;
        precise float q_am = gs_rexprel_of(x_5, x_6); // hodgkin_huxley.yaml:18
        precise float q_bm = 4.0*exp((-(v_axons_V + 65.0))*0.055555556); // hodgkin_huxley.yaml:19
        precise float q_k1_m = (q_am*(1.0 - v_axons_m)) - (q_bm*v_axons_m); // hodgkin_huxley.yaml:27
        precise float q_ah = 0.07*x_3; // hodgkin_huxley.yaml:20
        precise float q_bh = 1.0/(1.0 + (20.085537*x_4)); // hodgkin_huxley.yaml:21
        precise float q_k1_h = (q_ah*(1.0 - v_axons_h)) - (q_bh*v_axons_h); // hodgkin_huxley.yaml:28
        precise float x_7 = (-(v_axons_V + 55.0))*0.1;
        precise float x_8 = 2.7182817*x_4;
        precise float q_an = 0.1*gs_rexprel_of(x_7, x_8); // hodgkin_huxley.yaml:22
        precise float q_bn = 0.125*x_1; // hodgkin_huxley.yaml:23
        precise float q_k1_n = (q_an*(1.0 - v_axons_n)) - (q_bn*v_axons_n); // hodgkin_huxley.yaml:29
        precise float q_INa = ((p_axons_gNa*gs_pow3(v_axons_m))*v_axons_h)*(v_axons_V - p_axons_ENa); // hodgkin_huxley.yaml:24
        precise float q_IK = (p_axons_gK*gs_pow4(v_axons_n))*(v_axons_V - p_axons_EK); // hodgkin_huxley.yaml:25
        precise float q_IL = p_axons_gL*(v_axons_V - p_axons_EL); // hodgkin_huxley.yaml:26
        precise float q_k1_V = (((v_axons_I - q_INa) - q_IK) - q_IL)*h_0; // hodgkin_huxley.yaml:30
        precise float q_m_2 = v_axons_m + (0.01*q_k1_m); // hodgkin_huxley.yaml:27
        precise float q_h_2 = v_axons_h + (0.01*q_k1_h); // hodgkin_huxley.yaml:28
        precise float q_n_2 = v_axons_n + (0.01*q_k1_n); // hodgkin_huxley.yaml:29
        precise float q_V_2 = v_axons_V + (0.01*q_k1_V); // hodgkin_huxley.yaml:30
        precise float x_9 = ((-0.0125)*q_V_2) + (-0.8125);
        precise float x_10 = gs_exp(x_9); // hodgkin_huxley.yaml:18
        precise float x_11 = x_10*x_10; // hodgkin_huxley.yaml:18
        precise float x_12 = x_11*x_11; // hodgkin_huxley.yaml:18
        precise float x_13 = x_12*x_12; // hodgkin_huxley.yaml:18
        precise float x_14 = (-(q_V_2 + 40.0))*0.1;
        precise float x_15 = 12.182494*x_13;
        precise float q_am_2 = gs_rexprel_of(x_14, x_15); // hodgkin_huxley.yaml:18
        precise float q_bm_2 = 4.0*exp((-(q_V_2 + 65.0))*0.055555556); // hodgkin_huxley.yaml:19
        precise float q_k2_m = (q_am_2*(1.0 - q_m_2)) - (q_bm_2*q_m_2); // hodgkin_huxley.yaml:27
        precise float q_ah_2 = 0.07*x_12; // hodgkin_huxley.yaml:20
        precise float q_bh_2 = 1.0/(1.0 + (20.085537*x_13)); // hodgkin_huxley.yaml:21
        precise float q_k2_h = (q_ah_2*(1.0 - q_h_2)) - (q_bh_2*q_h_2); // hodgkin_huxley.yaml:28
        precise float x_16 = (-(q_V_2 + 55.0))*0.1;
        precise float x_17 = 2.7182817*x_13;
        precise float q_an_2 = 0.1*gs_rexprel_of(x_16, x_17); // hodgkin_huxley.yaml:22
        precise float q_bn_2 = 0.125*x_10; // hodgkin_huxley.yaml:23
        precise float q_k2_n = (q_an_2*(1.0 - q_n_2)) - (q_bn_2*q_n_2); // hodgkin_huxley.yaml:29
        precise float q_INa_2 = ((p_axons_gNa*gs_pow3(q_m_2))*q_h_2)*(q_V_2 - p_axons_ENa); // hodgkin_huxley.yaml:24
        precise float q_IK_2 = (p_axons_gK*gs_pow4(q_n_2))*(q_V_2 - p_axons_EK); // hodgkin_huxley.yaml:25
        precise float q_IL_2 = p_axons_gL*(q_V_2 - p_axons_EL); // hodgkin_huxley.yaml:26
        precise float q_k2_V = (((v_axons_I - q_INa_2) - q_IK_2) - q_IL_2)*h_0; // hodgkin_huxley.yaml:30
        precise float q_m_3 = v_axons_m + (0.01*q_k2_m); // hodgkin_huxley.yaml:27
        precise float q_h_3 = v_axons_h + (0.01*q_k2_h); // hodgkin_huxley.yaml:28
        precise float q_n_3 = v_axons_n + (0.01*q_k2_n); // hodgkin_huxley.yaml:29
        precise float q_V_3 = v_axons_V + (0.01*q_k2_V); // hodgkin_huxley.yaml:30
        precise float x_18 = ((-0.0125)*q_V_3) + (-0.8125);
        precise float x_19 = gs_exp(x_18); // hodgkin_huxley.yaml:18
        precise float x_20 = x_19*x_19; // hodgkin_huxley.yaml:18
        precise float x_21 = x_20*x_20; // hodgkin_huxley.yaml:18
        precise float x_22 = x_21*x_21; // hodgkin_huxley.yaml:18
        precise float x_23 = (-(q_V_3 + 40.0))*0.1;
        precise float x_24 = 12.182494*x_22;
        precise float q_am_3 = gs_rexprel_of(x_23, x_24); // hodgkin_huxley.yaml:18
        precise float q_bm_3 = 4.0*exp((-(q_V_3 + 65.0))*0.055555556); // hodgkin_huxley.yaml:19
        precise float q_k3_m = (q_am_3*(1.0 - q_m_3)) - (q_bm_3*q_m_3); // hodgkin_huxley.yaml:27
        precise float q_ah_3 = 0.07*x_21; // hodgkin_huxley.yaml:20
        precise float q_bh_3 = 1.0/(1.0 + (20.085537*x_22)); // hodgkin_huxley.yaml:21
        precise float q_k3_h = (q_ah_3*(1.0 - q_h_3)) - (q_bh_3*q_h_3); // hodgkin_huxley.yaml:28
        precise float x_25 = (-(q_V_3 + 55.0))*0.1;
        precise float x_26 = 2.7182817*x_22;
        precise float q_an_3 = 0.1*gs_rexprel_of(x_25, x_26); // hodgkin_huxley.yaml:22
        precise float q_bn_3 = 0.125*x_19; // hodgkin_huxley.yaml:23
        precise float q_k3_n = (q_an_3*(1.0 - q_n_3)) - (q_bn_3*q_n_3); // hodgkin_huxley.yaml:29
        precise float q_INa_3 = ((p_axons_gNa*gs_pow3(q_m_3))*q_h_3)*(q_V_3 - p_axons_ENa); // hodgkin_huxley.yaml:24
        precise float q_IK_3 = (p_axons_gK*gs_pow4(q_n_3))*(q_V_3 - p_axons_EK); // hodgkin_huxley.yaml:25
        precise float q_IL_3 = p_axons_gL*(q_V_3 - p_axons_EL); // hodgkin_huxley.yaml:26
        precise float q_k3_V = (((v_axons_I - q_INa_3) - q_IK_3) - q_IL_3)*h_0; // hodgkin_huxley.yaml:30
        precise float q_m_4 = v_axons_m + (0.02*q_k3_m); // hodgkin_huxley.yaml:27
        precise float q_h_4 = v_axons_h + (0.02*q_k3_h); // hodgkin_huxley.yaml:28
        precise float q_n_4 = v_axons_n + (0.02*q_k3_n); // hodgkin_huxley.yaml:29
        precise float q_V_4 = v_axons_V + (0.02*q_k3_V); // hodgkin_huxley.yaml:30
        precise float x_27 = ((-0.0125)*q_V_4) + (-0.8125);
        precise float x_28 = gs_exp(x_27); // hodgkin_huxley.yaml:18
        precise float x_29 = x_28*x_28; // hodgkin_huxley.yaml:18
        precise float x_30 = x_29*x_29; // hodgkin_huxley.yaml:18
        precise float x_31 = x_30*x_30; // hodgkin_huxley.yaml:18
        precise float x_32 = (-(q_V_4 + 40.0))*0.1;
        precise float x_33 = 12.182494*x_31;
        precise float q_am_4 = gs_rexprel_of(x_32, x_33); // hodgkin_huxley.yaml:18
        precise float q_bm_4 = 4.0*exp((-(q_V_4 + 65.0))*0.055555556); // hodgkin_huxley.yaml:19
        precise float q_k4_m = (q_am_4*(1.0 - q_m_4)) - (q_bm_4*q_m_4); // hodgkin_huxley.yaml:27
        precise float q_ah_4 = 0.07*x_30; // hodgkin_huxley.yaml:20
        precise float q_bh_4 = 1.0/(1.0 + (20.085537*x_31)); // hodgkin_huxley.yaml:21
        precise float q_k4_h = (q_ah_4*(1.0 - q_h_4)) - (q_bh_4*q_h_4); // hodgkin_huxley.yaml:28
        precise float x_34 = (-(q_V_4 + 55.0))*0.1;
        precise float x_35 = 2.7182817*x_31;
        precise float q_an_4 = 0.1*gs_rexprel_of(x_34, x_35); // hodgkin_huxley.yaml:22
        precise float q_bn_4 = 0.125*x_28; // hodgkin_huxley.yaml:23
        precise float q_k4_n = (q_an_4*(1.0 - q_n_4)) - (q_bn_4*q_n_4); // hodgkin_huxley.yaml:29
        precise float q_INa_4 = ((p_axons_gNa*gs_pow3(q_m_4))*q_h_4)*(q_V_4 - p_axons_ENa); // hodgkin_huxley.yaml:24
        precise float q_IK_4 = (p_axons_gK*gs_pow4(q_n_4))*(q_V_4 - p_axons_EK); // hodgkin_huxley.yaml:25
        precise float q_IL_4 = p_axons_gL*(q_V_4 - p_axons_EL); // hodgkin_huxley.yaml:26
        precise float q_k4_V = (((v_axons_I - q_INa_4) - q_IK_4) - q_IL_4)*h_0; // hodgkin_huxley.yaml:30
        precise float q_new_m = v_axons_m + ((((0.0033333334*q_k1_m) + (0.006666667*q_k2_m)) + (0.006666667*q_k3_m)) + (0.0033333334*q_k4_m)); // hodgkin_huxley.yaml:27
        precise float q_new_h = v_axons_h + ((((0.0033333334*q_k1_h) + (0.006666667*q_k2_h)) + (0.006666667*q_k3_h)) + (0.0033333334*q_k4_h)); // hodgkin_huxley.yaml:28
        precise float q_new_n = v_axons_n + ((((0.0033333334*q_k1_n) + (0.006666667*q_k2_n)) + (0.006666667*q_k3_n)) + (0.0033333334*q_k4_n)); // hodgkin_huxley.yaml:29
        precise float q_new_V = v_axons_V + ((((0.0033333334*q_k1_V) + (0.006666667*q_k2_V)) + (0.006666667*q_k3_V)) + (0.0033333334*q_k4_V)); // hodgkin_huxley.yaml:30
        v_axons_m = q_new_m; // hodgkin_huxley.yaml:27
        v_axons_h = q_new_h; // hodgkin_huxley.yaml:28
        v_axons_n = q_new_n; // hodgkin_huxley.yaml:29
        v_axons_V = q_new_V; // hodgkin_huxley.yaml:30
        precise bool condition = v_axons_V >= p_axons_V_th;
        bool before = ((a_axons_spike_condition >> (k & 31u)) & 1u) == 1u;
        a_axons_spike_condition = a_axons_spike_condition ^ (uint(before != condition) << (k & 31u));
        bool spiked = condition && !before;
        spikes_0[k] |= uint(spiked) << bit;
        if ((u_phase_0 + u) % 5u == 0u) {
          if (own) R[u_row_0 + (((u_phase_0 + u)/5u - min(u_phase_0, 1u))*u_instances + inst)*10u + i] = v_axons_V;
        }
        if ((u_phase_1 + u) % 5u == 0u) {
          precise float q_INa_5 = ((p_axons_gNa*gs_pow3(v_axons_m))*v_axons_h)*(v_axons_V - p_axons_ENa); // hodgkin_huxley.yaml:24
          if (own) R[u_row_1 + (((u_phase_1 + u)/5u - min(u_phase_1, 1u))*u_instances + inst)*10u + i] = q_INa_5;
        }
        if ((u_phase_2 + u) % 50u == 0u) {
          if (own) R[u_row_2 + (((u_phase_2 + u)/50u - min(u_phase_2, 1u))*u_instances + inst)*10u + i] = v_axons_n;
        }
        a_axons_V[k] = v_axons_V;
        a_axons_m[k] = v_axons_m;
        a_axons_h[k] = v_axons_h;
        a_axons_n[k] = v_axons_n;
      }
      ++u;
    }
    for (uint k = 0u; k < 2u; ++k) {
      ++trips;
      uint i = min(k*8u + w, 9u);
      bool own = k*8u + w < 10u;
      if (own) X[0u*u_instances*u_words + (inst*u_words + word)*10u + i] = spikes_0[k];
      spikes_0[k] = 0u;
      if (own && !gs_finite(a_axons_V[k])) bad = min(bad, word << 22 | min(0u + i, 4194303u));
      if (own && !gs_finite(a_axons_m[k])) bad = min(bad, word << 22 | min(10u + i, 4194303u));
      if (own && !gs_finite(a_axons_h[k])) bad = min(bad, word << 22 | min(20u + i, 4194303u));
      if (own && !gs_finite(a_axons_n[k])) bad = min(bad, word << 22 | min(30u + i, 4194303u));
    }
  }
  for (uint k = 0u; k < 2u; ++k) {
    ++trips;
    uint i = min(k*8u + w, 9u);
    bool own = k*8u + w < 10u;
    precise float v_axons_V = a_axons_V[k];
    precise float v_axons_m = a_axons_m[k];
    precise float v_axons_h = a_axons_h[k];
    precise float v_axons_n = a_axons_n[k];
    precise float v_axons_I = a_axons_I[k];
    v_axons_I = 0.0;
    if (own) S[in_axons_V + i] = floatBitsToUint(v_axons_V);
    if (own) S[in_axons_m + i] = floatBitsToUint(v_axons_m);
    if (own) S[in_axons_h + i] = floatBitsToUint(v_axons_h);
    if (own) S[in_axons_n + i] = floatBitsToUint(v_axons_n);
    if (own) S[in_axons_I + i] = floatBitsToUint(v_axons_I);
    if (own) S[in_axons_spike_condition + i] = (a_axons_spike_condition >> (k & 31u)) & 1u;
  }
  atomicAdd(Q[inst*2u + 0u], trips);
  if (bad != 0xffffffffu) atomicMax(Q[inst*2u + 1u], ~bad);
}
