#version 430
// gamma oscillation: fused kernel, 128 invocations an instance.
layout(local_size_x = 128) in;
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

shared float src_0_0_0[100];
shared float col_0_0_0[8];

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

// The eight columns of a tile, as every sum adds them.
float gs_tree(float a, float b, float c, float d, float e, float f, float g, float h) {
  precise float ab = a + b, cd = c + d, ef = e + f, gh = g + h;
  precise float abcd = ab + cd, efgh = ef + gh;
  precise float result = abcd + efgh;
  return result;
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
  precise float p_gaba_g_max = P[T[26u] + inst*T[27u]];
  precise float p_gaba_E = P[T[28u] + inst*T[29u]];
  precise float p_inputs_0_value = P[T[0u] + inst*T[1u]];
  precise float p_interneurons_phi = P[T[2u] + inst*T[3u]];
  precise float p_interneurons_gNa = P[T[4u] + inst*T[5u]];
  precise float p_interneurons_ENa = P[T[6u] + inst*T[7u]];
  precise float p_interneurons_gK = P[T[8u] + inst*T[9u]];
  precise float p_interneurons_EK = P[T[10u] + inst*T[11u]];
  precise float p_interneurons_gL = P[T[12u] + inst*T[13u]];
  precise float p_interneurons_EL = P[T[14u] + inst*T[15u]];
  precise float p_interneurons_C = P[T[16u] + inst*T[17u]];
  precise float p_interneurons_V_th = P[T[18u] + inst*T[19u]];
  precise float p_gaba_V_th = P[T[22u] + inst*T[23u]];
  precise float p_gaba_alpha = P[T[20u] + inst*T[21u]];
  precise float p_gaba_beta = P[T[24u] + inst*T[25u]];
  uint in_interneurons_V = 0u*u_instances + inst*100u;
  uint in_interneurons_h = 100u*u_instances + inst*100u;
  uint in_interneurons_n = 200u*u_instances + inst*100u;
  uint in_interneurons_inp = 300u*u_instances + inst*100u;
  uint in_gaba_s = 500u*u_instances + inst*100u;
  uint in_interneurons_spike_condition = 400u*u_instances + inst*100u;
  precise float h_0 = 1.0/p_interneurons_C;
  precise float a_interneurons_V[1];
  precise float a_interneurons_h[1];
  precise float a_interneurons_n[1];
  precise float a_interneurons_inp[1];
  precise float a_gaba_s[1];
  uint spikes_0[1];
  uint a_interneurons_spike_condition = 0u;
  for (uint k = 0u; k < 1u; ++k) {
    ++trips;
    uint i = min(k*128u + w, 99u);
    bool own = k*128u + w < 100u;
    a_interneurons_V[k] = 0.0;
    if (own) a_interneurons_V[k] = uintBitsToFloat(S[in_interneurons_V + i]);
    a_interneurons_h[k] = 0.0;
    if (own) a_interneurons_h[k] = uintBitsToFloat(S[in_interneurons_h + i]);
    a_interneurons_n[k] = 0.0;
    if (own) a_interneurons_n[k] = uintBitsToFloat(S[in_interneurons_n + i]);
    a_interneurons_inp[k] = 0.0;
    if (own) a_interneurons_inp[k] = uintBitsToFloat(S[in_interneurons_inp + i]);
    a_gaba_s[k] = 0.0;
    if (own) a_gaba_s[k] = uintBitsToFloat(S[in_gaba_s + i]);
    spikes_0[k] = 0u;
    if (own) a_interneurons_spike_condition |= (S[in_interneurons_spike_condition + i] & 1u) << (k & 31u);
  }
  for (uint word = 0u; word < u_words; ++word) {
    ++trips;
    uint count = min(32u, u_steps - word*32u);
    for (uint bit = 0u; bit < count; ++bit) {
      ++trips;
      // population interneurons
      precise float total_0_0_0 = gs_tree(col_0_0_0[0u], col_0_0_0[1u], col_0_0_0[2u], col_0_0_0[3u], col_0_0_0[4u], col_0_0_0[5u], col_0_0_0[6u], col_0_0_0[7u]);
      for (uint k = 0u; k < 1u; ++k) {
        ++trips;
        uint i = min(k*128u + w, 99u);
        bool own = k*128u + w < 100u;
        precise float v_interneurons_V = a_interneurons_V[k];
        precise float v_interneurons_h = a_interneurons_h[k];
        precise float v_interneurons_n = a_interneurons_n[k];
        precise float v_interneurons_inp = a_interneurons_inp[k];
        precise float v_gaba_s = a_gaba_s[k];
        if (u > 0u) {
          v_interneurons_inp = 0.0;
          v_interneurons_inp += (total_0_0_0 - v_gaba_s)*((-(p_gaba_g_max*(v_interneurons_V - p_gaba_E)))); // gamma.yaml:38
        }
        v_interneurons_inp = v_interneurons_inp + p_inputs_0_value; // gamma.yaml:56
        precise float x_0 = ((-0.0125)*v_interneurons_V) + (-0.55);
        precise float x_1 = gs_exp(x_0); // gamma.yaml:16
        precise float x_2 = x_1*x_1; // gamma.yaml:16
        precise float x_3 = x_2*x_2; // gamma.yaml:16
        precise float q_alpha_h = 0.03476097*x_3; // gamma.yaml:16
        precise float x_4 = x_3*x_3; // gamma.yaml:17
        precise float q_beta_h = 1.0/((4.9530325*x_4) + 1.0); // gamma.yaml:17
        precise float x_5 = (((-q_alpha_h) - q_beta_h)*p_interneurons_phi)*0.04;
        precise float q_new_h = v_interneurons_h + ((0.04*gs_exprel(x_5))*(p_interneurons_phi*((q_alpha_h*(1.0 - v_interneurons_h)) - (q_beta_h*v_interneurons_h)))); // gamma.yaml:26
        precise float x_6 = (-0.1)*(v_interneurons_V + 34.0);
        precise float x_7 = 2.7182817*x_4;
        precise float q_alpha_n = 0.1*gs_rexprel_of(x_6, x_7); // gamma.yaml:18
        precise float q_beta_n = 0.125*x_1; // gamma.yaml:19
        precise float x_8 = (((-q_alpha_n) - q_beta_n)*p_interneurons_phi)*0.04;
        precise float q_new_n = v_interneurons_n + ((0.04*gs_exprel(x_8))*(p_interneurons_phi*((q_alpha_n*(1.0 - v_interneurons_n)) - (q_beta_n*v_interneurons_n)))); // gamma.yaml:27
        precise float x_9 = (-0.1)*(v_interneurons_V + 35.0);
        precise float x_10 = 2.459603*x_4;
        precise float q_alpha_m = gs_rexprel_of(x_9, x_10); // gamma.yaml:20
        precise float q_beta_m = 4.0*exp((-(v_interneurons_V + 60.0))*0.055555556); // gamma.yaml:21
        precise float q_m = q_alpha_m/(q_alpha_m + q_beta_m); // gamma.yaml:22
        precise float q_INa = ((p_interneurons_gNa*gs_pow3(q_m))*v_interneurons_h)*(v_interneurons_V - p_interneurons_ENa); // gamma.yaml:23
        precise float x_11 = p_interneurons_gK*gs_pow4(v_interneurons_n); // gamma.yaml:24
        precise float q_IK = x_11*(v_interneurons_V - p_interneurons_EK); // gamma.yaml:24
        precise float q_IL = p_interneurons_gL*(v_interneurons_V - p_interneurons_EL); // gamma.yaml:25
        precise float x_12 = ((((-((p_interneurons_gNa*gs_pow3(q_m))*v_interneurons_h)) - x_11) - p_interneurons_gL)*h_0)*0.04;
        precise float q_new_V = v_interneurons_V + ((0.04*gs_exprel(x_12))*(((((-q_INa) - q_IK) - q_IL) + v_interneurons_inp)*h_0)); // gamma.yaml:28
        v_interneurons_h = q_new_h; // gamma.yaml:26
        v_interneurons_n = q_new_n; // gamma.yaml:27
        v_interneurons_V = q_new_V; // gamma.yaml:28
        precise bool condition = v_interneurons_V >= p_interneurons_V_th;
        bool before = ((a_interneurons_spike_condition >> (k & 31u)) & 1u) == 1u;
        a_interneurons_spike_condition = a_interneurons_spike_condition ^ (uint(before != condition) << (k & 31u));
        bool spiked = condition && !before;
        spikes_0[k] |= uint(spiked) << bit;
        precise float q_T = 1.0/(1.0 + exp((-(v_interneurons_V - p_gaba_V_th))*0.5)); // gamma.yaml:36
        precise float x_13 = ((-(p_gaba_alpha*q_T)) - p_gaba_beta)*0.04;
        precise float q_new_s = v_gaba_s + ((0.04*gs_exprel(x_13))*(((p_gaba_alpha*q_T)*(1.0 - v_gaba_s)) - (p_gaba_beta*v_gaba_s))); // gamma.yaml:37
        v_gaba_s = q_new_s; // gamma.yaml:37
        precise float source_0_0_0 = v_gaba_s;
        if (own) src_0_0_0[i] = source_0_0_0;
        a_interneurons_V[k] = v_interneurons_V;
        a_interneurons_h[k] = v_interneurons_h;
        a_interneurons_n[k] = v_interneurons_n;
        a_gaba_s[k] = v_gaba_s;
      }
      memoryBarrierShared();
      barrier();
      for (uint c = w; c < 8u; c += 128u) {
        ++trips;
        precise float sum = 0.0;
        for (uint e = 0u; e < 16u; ++e) {
          ++trips;
          uint i = (c >> 3)*128u + e*8u + (c & 7u);
          sum += i < 100u ? src_0_0_0[min(i, 99u)] : 0.0;
        }
        col_0_0_0[c] = sum;
      }
      memoryBarrierShared();
      barrier();
      ++u;
    }
    for (uint k = 0u; k < 1u; ++k) {
      ++trips;
      uint i = min(k*128u + w, 99u);
      bool own = k*128u + w < 100u;
      if (own) X[0u*u_instances*u_words + (inst*u_words + word)*100u + i] = spikes_0[k];
      spikes_0[k] = 0u;
      if (own && !gs_finite(a_interneurons_V[k])) bad = min(bad, word << 22 | min(0u + i, 4194303u));
      if (own && !gs_finite(a_interneurons_h[k])) bad = min(bad, word << 22 | min(100u + i, 4194303u));
      if (own && !gs_finite(a_interneurons_n[k])) bad = min(bad, word << 22 | min(200u + i, 4194303u));
      if (own && !gs_finite(a_gaba_s[k])) bad = min(bad, word << 22 | min(500u + i, 4194303u));
    }
  }
  precise float total_0_0_0 = gs_tree(col_0_0_0[0u], col_0_0_0[1u], col_0_0_0[2u], col_0_0_0[3u], col_0_0_0[4u], col_0_0_0[5u], col_0_0_0[6u], col_0_0_0[7u]);
  for (uint k = 0u; k < 1u; ++k) {
    ++trips;
    uint i = min(k*128u + w, 99u);
    bool own = k*128u + w < 100u;
    precise float v_interneurons_V = a_interneurons_V[k];
    precise float v_interneurons_h = a_interneurons_h[k];
    precise float v_interneurons_n = a_interneurons_n[k];
    precise float v_interneurons_inp = a_interneurons_inp[k];
    precise float v_gaba_s = a_gaba_s[k];
    v_interneurons_inp = 0.0;
    v_interneurons_inp += (total_0_0_0 - v_gaba_s)*((-(p_gaba_g_max*(v_interneurons_V - p_gaba_E)))); // gamma.yaml:38
    if (own) S[in_interneurons_V + i] = floatBitsToUint(v_interneurons_V);
    if (own) S[in_interneurons_h + i] = floatBitsToUint(v_interneurons_h);
    if (own) S[in_interneurons_n + i] = floatBitsToUint(v_interneurons_n);
    if (own) S[in_interneurons_inp + i] = floatBitsToUint(v_interneurons_inp);
    if (own) S[in_gaba_s + i] = floatBitsToUint(v_gaba_s);
    if (own) S[in_interneurons_spike_condition + i] = (a_interneurons_spike_condition >> (k & 31u)) & 1u;
  }
  atomicAdd(Q[inst*2u + 0u], trips);
  if (bad != 0xffffffffu) atomicMax(Q[inst*2u + 1u], ~bad);
}
