#version 430
// excitation and inhibition: fused kernel, 8 invocations an instance.
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
uniform uint u_phase_0, u_row_0; // inhibitory.V: the first step modulo 5; where its rows begin

shared float col_0_0_0[16];
shared float col_1_0_0[16];
shared float col_2_0_0[16];

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
  precise float p_i_to_e_g_max = P[T[56u] + inst*T[57u]];
  precise float p_i_to_e_E = P[T[58u] + inst*T[59u]];
  precise float p_inputs_0_value = P[T[0u] + inst*T[1u]];
  precise float p_excitatory_phi = P[T[2u] + inst*T[3u]];
  precise float p_excitatory_gNa = P[T[4u] + inst*T[5u]];
  precise float p_excitatory_ENa = P[T[6u] + inst*T[7u]];
  precise float p_excitatory_gK = P[T[8u] + inst*T[9u]];
  precise float p_excitatory_EK = P[T[10u] + inst*T[11u]];
  precise float p_excitatory_gL = P[T[12u] + inst*T[13u]];
  precise float p_excitatory_EL = P[T[14u] + inst*T[15u]];
  precise float p_excitatory_C = P[T[16u] + inst*T[17u]];
  precise float p_excitatory_V_th = P[T[18u] + inst*T[19u]];
  precise float p_e_to_i_V_th = P[T[42u] + inst*T[43u]];
  precise float p_e_to_i_alpha = P[T[40u] + inst*T[41u]];
  precise float p_e_to_i_beta = P[T[44u] + inst*T[45u]];
  precise float p_e_to_i_g_max = P[T[46u] + inst*T[47u]];
  precise float p_e_to_i_E = P[T[48u] + inst*T[49u]];
  precise float p_i_to_i_g_max = P[T[66u] + inst*T[67u]];
  precise float p_i_to_i_E = P[T[68u] + inst*T[69u]];
  precise float p_inputs_1_value = P[T[20u] + inst*T[21u]];
  precise float p_inhibitory_phi = P[T[22u] + inst*T[23u]];
  precise float p_inhibitory_gNa = P[T[24u] + inst*T[25u]];
  precise float p_inhibitory_ENa = P[T[26u] + inst*T[27u]];
  precise float p_inhibitory_gK = P[T[28u] + inst*T[29u]];
  precise float p_inhibitory_EK = P[T[30u] + inst*T[31u]];
  precise float p_inhibitory_gL = P[T[32u] + inst*T[33u]];
  precise float p_inhibitory_EL = P[T[34u] + inst*T[35u]];
  precise float p_inhibitory_C = P[T[36u] + inst*T[37u]];
  precise float p_inhibitory_V_th = P[T[38u] + inst*T[39u]];
  precise float p_i_to_e_V_th = P[T[52u] + inst*T[53u]];
  precise float p_i_to_e_alpha = P[T[50u] + inst*T[51u]];
  precise float p_i_to_e_beta = P[T[54u] + inst*T[55u]];
  precise float p_i_to_i_V_th = P[T[62u] + inst*T[63u]];
  precise float p_i_to_i_alpha = P[T[60u] + inst*T[61u]];
  precise float p_i_to_i_beta = P[T[64u] + inst*T[65u]];
  uint in_excitatory_V = 0u*u_instances + inst*80u;
  uint in_excitatory_h = 80u*u_instances + inst*80u;
  uint in_excitatory_n = 160u*u_instances + inst*80u;
  uint in_excitatory_inp = 240u*u_instances + inst*80u;
  uint in_e_to_i_s = 500u*u_instances + inst*80u;
  uint in_excitatory_spike_condition = 320u*u_instances + inst*80u;
  uint in_inhibitory_V = 400u*u_instances + inst*20u;
  uint in_inhibitory_h = 420u*u_instances + inst*20u;
  uint in_inhibitory_n = 440u*u_instances + inst*20u;
  uint in_inhibitory_inp = 460u*u_instances + inst*20u;
  uint in_i_to_e_s = 580u*u_instances + inst*20u;
  uint in_i_to_i_s = 600u*u_instances + inst*20u;
  uint in_inhibitory_spike_condition = 480u*u_instances + inst*20u;
  precise float h_0 = 1.0/p_excitatory_C;
  precise float h_1 = 1.0/p_inhibitory_C;
  precise float a_excitatory_V[10];
  precise float a_excitatory_h[10];
  precise float a_excitatory_n[10];
  precise float a_excitatory_inp[10];
  precise float a_e_to_i_s[10];
  uint spikes_0[10];
  uint a_excitatory_spike_condition = 0u;
  for (uint k = 0u; k < 10u; ++k) {
    ++trips;
    uint i = k*8u + w;
    const bool own = true;
    a_excitatory_V[k] = uintBitsToFloat(S[in_excitatory_V + i]);
    a_excitatory_h[k] = uintBitsToFloat(S[in_excitatory_h + i]);
    a_excitatory_n[k] = uintBitsToFloat(S[in_excitatory_n + i]);
    a_excitatory_inp[k] = uintBitsToFloat(S[in_excitatory_inp + i]);
    a_e_to_i_s[k] = uintBitsToFloat(S[in_e_to_i_s + i]);
    spikes_0[k] = 0u;
    a_excitatory_spike_condition |= (S[in_excitatory_spike_condition + i] & 1u) << (k & 31u);
  }
  precise float a_inhibitory_V[3];
  precise float a_inhibitory_h[3];
  precise float a_inhibitory_n[3];
  precise float a_inhibitory_inp[3];
  precise float a_i_to_e_s[3];
  precise float a_i_to_i_s[3];
  uint spikes_1[3];
  uint a_inhibitory_spike_condition = 0u;
  for (uint k = 0u; k < 3u; ++k) {
    ++trips;
    uint i = min(k*8u + w, 19u);
    bool own = k*8u + w < 20u;
    a_inhibitory_V[k] = 0.0;
    if (own) a_inhibitory_V[k] = uintBitsToFloat(S[in_inhibitory_V + i]);
    a_inhibitory_h[k] = 0.0;
    if (own) a_inhibitory_h[k] = uintBitsToFloat(S[in_inhibitory_h + i]);
    a_inhibitory_n[k] = 0.0;
    if (own) a_inhibitory_n[k] = uintBitsToFloat(S[in_inhibitory_n + i]);
    a_inhibitory_inp[k] = 0.0;
    if (own) a_inhibitory_inp[k] = uintBitsToFloat(S[in_inhibitory_inp + i]);
    a_i_to_e_s[k] = 0.0;
    if (own) a_i_to_e_s[k] = uintBitsToFloat(S[in_i_to_e_s + i]);
    a_i_to_i_s[k] = 0.0;
    if (own) a_i_to_i_s[k] = uintBitsToFloat(S[in_i_to_i_s + i]);
    spikes_1[k] = 0u;
    if (own) a_inhibitory_spike_condition |= (S[in_inhibitory_spike_condition + i] & 1u) << (k & 31u);
  }
  for (uint word = 0u; word < u_words; ++word) {
    ++trips;
    uint count = min(32u, u_steps - word*32u);
    for (uint bit = 0u; bit < count; ++bit) {
      ++trips;
      // population excitatory
      precise float sum_0_0_0 = 0.0;
      uint at_1_0_0 = ((u + 1u) & 1u)*8u;
      precise float total_1_0_0 = gs_tree(col_1_0_0[at_1_0_0 + 0u], col_1_0_0[at_1_0_0 + 1u], col_1_0_0[at_1_0_0 + 2u], col_1_0_0[at_1_0_0 + 3u], col_1_0_0[at_1_0_0 + 4u], col_1_0_0[at_1_0_0 + 5u], col_1_0_0[at_1_0_0 + 6u], col_1_0_0[at_1_0_0 + 7u]);
      for (uint k = 0u; k < 10u; ++k) {
        ++trips;
        uint i = k*8u + w;
        const bool own = true;
        precise float v_excitatory_V = a_excitatory_V[k];
        precise float v_excitatory_h = a_excitatory_h[k];
        precise float v_excitatory_n = a_excitatory_n[k];
        precise float v_excitatory_inp = a_excitatory_inp[k];
        precise float v_e_to_i_s = a_e_to_i_s[k];
        if (u > 0u) {
          v_excitatory_inp = 0.0;
          v_excitatory_inp += total_1_0_0*((-(p_i_to_e_g_max*(v_excitatory_V - p_i_to_e_E)))); // built-in model gaba_a:10
        }
        v_excitatory_inp = v_excitatory_inp + p_inputs_0_value; // two_populations.yaml:56
        precise float x_0 = ((-0.0125)*v_excitatory_V) + (-0.55);
        precise float x_1 = gs_exp(x_0); // built-in model wang_buzsaki:10
        precise float x_2 = x_1*x_1; // built-in model wang_buzsaki:10
        precise float x_3 = x_2*x_2; // built-in model wang_buzsaki:10
        precise float q_alpha_h = 0.03476097*x_3; // built-in model wang_buzsaki:10
        precise float x_4 = x_3*x_3; // built-in model wang_buzsaki:11
        precise float q_beta_h = 1.0/((4.9530325*x_4) + 1.0); // built-in model wang_buzsaki:11
        precise float x_5 = (((-q_alpha_h) - q_beta_h)*p_excitatory_phi)*0.04;
        precise float q_new_h = v_excitatory_h + ((0.04*gs_exprel(x_5))*(p_excitatory_phi*((q_alpha_h*(1.0 - v_excitatory_h)) - (q_beta_h*v_excitatory_h)))); // built-in model wang_buzsaki:20
        precise float x_6 = (-0.1)*(v_excitatory_V + 34.0);
        precise float x_7 = 2.7182817*x_4;
        precise float q_alpha_n = 0.1*gs_rexprel_of(x_6, x_7); // built-in model wang_buzsaki:12
        precise float q_beta_n = 0.125*x_1; // built-in model wang_buzsaki:13
        precise float x_8 = (((-q_alpha_n) - q_beta_n)*p_excitatory_phi)*0.04;
        precise float q_new_n = v_excitatory_n + ((0.04*gs_exprel(x_8))*(p_excitatory_phi*((q_alpha_n*(1.0 - v_excitatory_n)) - (q_beta_n*v_excitatory_n)))); // built-in model wang_buzsaki:21
        precise float x_9 = (-0.1)*(v_excitatory_V + 35.0);
        precise float x_10 = 2.459603*x_4;
        precise float q_alpha_m = gs_rexprel_of(x_9, x_10); // built-in model wang_buzsaki:14
        precise float q_beta_m = 4.0*exp((-(v_excitatory_V + 60.0))*0.055555556); // built-in model wang_buzsaki:15
        precise float q_m = q_alpha_m/(q_alpha_m + q_beta_m); // built-in model wang_buzsaki:16
        precise float q_INa = ((p_excitatory_gNa*gs_pow3(q_m))*v_excitatory_h)*(v_excitatory_V - p_excitatory_ENa); // built-in model wang_buzsaki:17
        precise float x_11 = p_excitatory_gK*gs_pow4(v_excitatory_n); // built-in model wang_buzsaki:18
        precise float q_IK = x_11*(v_excitatory_V - p_excitatory_EK); // built-in model wang_buzsaki:18
        precise float q_IL = p_excitatory_gL*(v_excitatory_V - p_excitatory_EL); // built-in model wang_buzsaki:19
        precise float x_12 = ((((-((p_excitatory_gNa*gs_pow3(q_m))*v_excitatory_h)) - x_11) - p_excitatory_gL)*h_0)*0.04;
        precise float q_new_V = v_excitatory_V + ((0.04*gs_exprel(x_12))*(((((-q_INa) - q_IK) - q_IL) + v_excitatory_inp)*h_0)); // built-in model wang_buzsaki:22
        v_excitatory_h = q_new_h; // built-in model wang_buzsaki:20
        v_excitatory_n = q_new_n; // built-in model wang_buzsaki:21
        v_excitatory_V = q_new_V; // built-in model wang_buzsaki:22
        precise bool condition = v_excitatory_V >= p_excitatory_V_th;
        bool before = ((a_excitatory_spike_condition >> (k & 31u)) & 1u) == 1u;
        a_excitatory_spike_condition = a_excitatory_spike_condition ^ (uint(before != condition) << (k & 31u));
        bool spiked = condition && !before;
        spikes_0[k] |= uint(spiked) << bit;
        precise float q_T = 1.0/(1.0 + exp((-(v_excitatory_V - p_e_to_i_V_th))*0.5)); // two_populations.yaml:18
        precise float x_13 = ((-(p_e_to_i_alpha*q_T)) - p_e_to_i_beta)*0.04;
        precise float q_new_s = v_e_to_i_s + ((0.04*gs_exprel(x_13))*(((p_e_to_i_alpha*q_T)*(1.0 - v_e_to_i_s)) - (p_e_to_i_beta*v_e_to_i_s))); // two_populations.yaml:19
        v_e_to_i_s = q_new_s; // two_populations.yaml:19
        sum_0_0_0 = sum_0_0_0 + (own ? v_e_to_i_s : 0.0);
        a_excitatory_V[k] = v_excitatory_V;
        a_excitatory_h[k] = v_excitatory_h;
        a_excitatory_n[k] = v_excitatory_n;
        a_e_to_i_s[k] = v_e_to_i_s;
      }
      col_0_0_0[(u & 1u)*8u + w] = sum_0_0_0;
      // population inhibitory
      precise float sum_1_0_0 = 0.0;
      precise float sum_2_0_0 = 0.0;
      uint at_0_0_0 = ((u + 1u) & 1u)*8u;
      precise float total_0_0_0 = gs_tree(col_0_0_0[at_0_0_0 + 0u], col_0_0_0[at_0_0_0 + 1u], col_0_0_0[at_0_0_0 + 2u], col_0_0_0[at_0_0_0 + 3u], col_0_0_0[at_0_0_0 + 4u], col_0_0_0[at_0_0_0 + 5u], col_0_0_0[at_0_0_0 + 6u], col_0_0_0[at_0_0_0 + 7u]);
      uint at_2_0_0 = ((u + 1u) & 1u)*8u;
      precise float total_2_0_0 = gs_tree(col_2_0_0[at_2_0_0 + 0u], col_2_0_0[at_2_0_0 + 1u], col_2_0_0[at_2_0_0 + 2u], col_2_0_0[at_2_0_0 + 3u], col_2_0_0[at_2_0_0 + 4u], col_2_0_0[at_2_0_0 + 5u], col_2_0_0[at_2_0_0 + 6u], col_2_0_0[at_2_0_0 + 7u]);
      for (uint k = 0u; k < 3u; ++k) {
        ++trips;
        uint i = min(k*8u + w, 19u);
        bool own = k*8u + w < 20u;
        precise float v_inhibitory_V = a_inhibitory_V[k];
        precise float v_inhibitory_h = a_inhibitory_h[k];
        precise float v_inhibitory_n = a_inhibitory_n[k];
        precise float v_inhibitory_inp = a_inhibitory_inp[k];
        precise float v_i_to_e_s = a_i_to_e_s[k];
        precise float v_i_to_i_s = a_i_to_i_s[k];
        if (u > 0u) {
          v_inhibitory_inp = 0.0;
          v_inhibitory_inp += total_0_0_0*((-(p_e_to_i_g_max*(v_inhibitory_V - p_e_to_i_E)))); // two_populations.yaml:20
          v_inhibitory_inp += (total_2_0_0 - v_i_to_i_s)*((-(p_i_to_i_g_max*(v_inhibitory_V - p_i_to_i_E)))); // built-in model gaba_a:10
        }
        v_inhibitory_inp = v_inhibitory_inp + p_inputs_1_value; // two_populations.yaml:57
        precise float x_14 = ((-0.0125)*v_inhibitory_V) + (-0.55);
        precise float x_15 = gs_exp(x_14); // built-in model wang_buzsaki:10
        precise float x_16 = x_15*x_15; // built-in model wang_buzsaki:10
        precise float x_17 = x_16*x_16; // built-in model wang_buzsaki:10
        precise float q_alpha_h_2 = 0.03476097*x_17; // built-in model wang_buzsaki:10
        precise float x_18 = x_17*x_17; // built-in model wang_buzsaki:11
        precise float q_beta_h_2 = 1.0/((4.9530325*x_18) + 1.0); // built-in model wang_buzsaki:11
        precise float x_19 = (((-q_alpha_h_2) - q_beta_h_2)*p_inhibitory_phi)*0.04;
        precise float q_new_h_2 = v_inhibitory_h + ((0.04*gs_exprel(x_19))*(p_inhibitory_phi*((q_alpha_h_2*(1.0 - v_inhibitory_h)) - (q_beta_h_2*v_inhibitory_h)))); // built-in model wang_buzsaki:20
        precise float x_20 = (-0.1)*(v_inhibitory_V + 34.0);
        precise float x_21 = 2.7182817*x_18;
        precise float q_alpha_n_2 = 0.1*gs_rexprel_of(x_20, x_21); // built-in model wang_buzsaki:12
        precise float q_beta_n_2 = 0.125*x_15; // built-in model wang_buzsaki:13
        precise float x_22 = (((-q_alpha_n_2) - q_beta_n_2)*p_inhibitory_phi)*0.04;
        precise float q_new_n_2 = v_inhibitory_n + ((0.04*gs_exprel(x_22))*(p_inhibitory_phi*((q_alpha_n_2*(1.0 - v_inhibitory_n)) - (q_beta_n_2*v_inhibitory_n)))); // built-in model wang_buzsaki:21
        precise float x_23 = (-0.1)*(v_inhibitory_V + 35.0);
        precise float x_24 = 2.459603*x_18;
        precise float q_alpha_m_2 = gs_rexprel_of(x_23, x_24); // built-in model wang_buzsaki:14
        precise float q_beta_m_2 = 4.0*exp((-(v_inhibitory_V + 60.0))*0.055555556); // built-in model wang_buzsaki:15
        precise float q_m_2 = q_alpha_m_2/(q_alpha_m_2 + q_beta_m_2); // built-in model wang_buzsaki:16
        precise float q_INa_2 = ((p_inhibitory_gNa*gs_pow3(q_m_2))*v_inhibitory_h)*(v_inhibitory_V - p_inhibitory_ENa); // built-in model wang_buzsaki:17
        precise float x_25 = p_inhibitory_gK*gs_pow4(v_inhibitory_n); // built-in model wang_buzsaki:18
        precise float q_IK_2 = x_25*(v_inhibitory_V - p_inhibitory_EK); // built-in model wang_buzsaki:18
        precise float q_IL_2 = p_inhibitory_gL*(v_inhibitory_V - p_inhibitory_EL); // built-in model wang_buzsaki:19
        precise float x_26 = ((((-((p_inhibitory_gNa*gs_pow3(q_m_2))*v_inhibitory_h)) - x_25) - p_inhibitory_gL)*h_1)*0.04;
        precise float q_new_V_2 = v_inhibitory_V + ((0.04*gs_exprel(x_26))*(((((-q_INa_2) - q_IK_2) - q_IL_2) + v_inhibitory_inp)*h_1)); // built-in model wang_buzsaki:22
        v_inhibitory_h = q_new_h_2; // built-in model wang_buzsaki:20
        v_inhibitory_n = q_new_n_2; // built-in model wang_buzsaki:21
        v_inhibitory_V = q_new_V_2; // built-in model wang_buzsaki:22
        precise bool condition = v_inhibitory_V >= p_inhibitory_V_th;
        bool before = ((a_inhibitory_spike_condition >> (k & 31u)) & 1u) == 1u;
        a_inhibitory_spike_condition = a_inhibitory_spike_condition ^ (uint(before != condition) << (k & 31u));
        bool spiked = condition && !before;
        spikes_1[k] |= uint(spiked) << bit;
        if ((u_phase_0 + u) % 5u == 0u) {
          if (own) R[u_row_0 + (((u_phase_0 + u)/5u - min(u_phase_0, 1u))*u_instances + inst)*20u + i] = v_inhibitory_V;
        }
        precise float q_T_2 = 1.0/(1.0 + exp((-(v_inhibitory_V - p_i_to_e_V_th))*0.5)); // built-in model gaba_a:8
        precise float x_27 = ((-(p_i_to_e_alpha*q_T_2)) - p_i_to_e_beta)*0.04;
        precise float q_new_s_2 = v_i_to_e_s + ((0.04*gs_exprel(x_27))*(((p_i_to_e_alpha*q_T_2)*(1.0 - v_i_to_e_s)) - (p_i_to_e_beta*v_i_to_e_s))); // built-in model gaba_a:9
        v_i_to_e_s = q_new_s_2; // built-in model gaba_a:9
        precise float q_T_3 = 1.0/(1.0 + exp((-(v_inhibitory_V - p_i_to_i_V_th))*0.5)); // built-in model gaba_a:8
        precise float x_28 = ((-(p_i_to_i_alpha*q_T_3)) - p_i_to_i_beta)*0.04;
        precise float q_new_s_3 = v_i_to_i_s + ((0.04*gs_exprel(x_28))*(((p_i_to_i_alpha*q_T_3)*(1.0 - v_i_to_i_s)) - (p_i_to_i_beta*v_i_to_i_s))); // built-in model gaba_a:9
        v_i_to_i_s = q_new_s_3; // built-in model gaba_a:9
        sum_1_0_0 = sum_1_0_0 + (own ? v_i_to_e_s : 0.0);
        sum_2_0_0 = sum_2_0_0 + (own ? v_i_to_i_s : 0.0);
        a_inhibitory_V[k] = v_inhibitory_V;
        a_inhibitory_h[k] = v_inhibitory_h;
        a_inhibitory_n[k] = v_inhibitory_n;
        a_i_to_e_s[k] = v_i_to_e_s;
        a_i_to_i_s[k] = v_i_to_i_s;
      }
      col_1_0_0[(u & 1u)*8u + w] = sum_1_0_0;
      col_2_0_0[(u & 1u)*8u + w] = sum_2_0_0;
      memoryBarrierShared();
      barrier();
      ++u;
    }
    for (uint k = 0u; k < 10u; ++k) {
      ++trips;
      uint i = k*8u + w;
      const bool own = true;
      if (own) X[0u*u_instances*u_words + (inst*u_words + word)*80u + i] = spikes_0[k];
      spikes_0[k] = 0u;
      if (own && !gs_finite(a_excitatory_V[k])) bad = min(bad, word << 22 | min(0u + i, 4194303u));
      if (own && !gs_finite(a_excitatory_h[k])) bad = min(bad, word << 22 | min(80u + i, 4194303u));
      if (own && !gs_finite(a_excitatory_n[k])) bad = min(bad, word << 22 | min(160u + i, 4194303u));
      if (own && !gs_finite(a_e_to_i_s[k])) bad = min(bad, word << 22 | min(500u + i, 4194303u));
    }
    for (uint k = 0u; k < 3u; ++k) {
      ++trips;
      uint i = min(k*8u + w, 19u);
      bool own = k*8u + w < 20u;
      if (own) X[80u*u_instances*u_words + (inst*u_words + word)*20u + i] = spikes_1[k];
      spikes_1[k] = 0u;
      if (own && !gs_finite(a_inhibitory_V[k])) bad = min(bad, word << 22 | min(400u + i, 4194303u));
      if (own && !gs_finite(a_inhibitory_h[k])) bad = min(bad, word << 22 | min(420u + i, 4194303u));
      if (own && !gs_finite(a_inhibitory_n[k])) bad = min(bad, word << 22 | min(440u + i, 4194303u));
      if (own && !gs_finite(a_i_to_e_s[k])) bad = min(bad, word << 22 | min(580u + i, 4194303u));
      if (own && !gs_finite(a_i_to_i_s[k])) bad = min(bad, word << 22 | min(600u + i, 4194303u));
    }
  }
  uint at_1_0_0 = ((u + 1u) & 1u)*8u;
  precise float total_1_0_0 = gs_tree(col_1_0_0[at_1_0_0 + 0u], col_1_0_0[at_1_0_0 + 1u], col_1_0_0[at_1_0_0 + 2u], col_1_0_0[at_1_0_0 + 3u], col_1_0_0[at_1_0_0 + 4u], col_1_0_0[at_1_0_0 + 5u], col_1_0_0[at_1_0_0 + 6u], col_1_0_0[at_1_0_0 + 7u]);
  for (uint k = 0u; k < 10u; ++k) {
    ++trips;
    uint i = k*8u + w;
    const bool own = true;
    precise float v_excitatory_V = a_excitatory_V[k];
    precise float v_excitatory_h = a_excitatory_h[k];
    precise float v_excitatory_n = a_excitatory_n[k];
    precise float v_excitatory_inp = a_excitatory_inp[k];
    precise float v_e_to_i_s = a_e_to_i_s[k];
    v_excitatory_inp = 0.0;
    v_excitatory_inp += total_1_0_0*((-(p_i_to_e_g_max*(v_excitatory_V - p_i_to_e_E)))); // built-in model gaba_a:10
    if (own) S[in_excitatory_V + i] = floatBitsToUint(v_excitatory_V);
    if (own) S[in_excitatory_h + i] = floatBitsToUint(v_excitatory_h);
    if (own) S[in_excitatory_n + i] = floatBitsToUint(v_excitatory_n);
    if (own) S[in_excitatory_inp + i] = floatBitsToUint(v_excitatory_inp);
    if (own) S[in_e_to_i_s + i] = floatBitsToUint(v_e_to_i_s);
    if (own) S[in_excitatory_spike_condition + i] = (a_excitatory_spike_condition >> (k & 31u)) & 1u;
  }
  uint at_0_0_0 = ((u + 1u) & 1u)*8u;
  precise float total_0_0_0 = gs_tree(col_0_0_0[at_0_0_0 + 0u], col_0_0_0[at_0_0_0 + 1u], col_0_0_0[at_0_0_0 + 2u], col_0_0_0[at_0_0_0 + 3u], col_0_0_0[at_0_0_0 + 4u], col_0_0_0[at_0_0_0 + 5u], col_0_0_0[at_0_0_0 + 6u], col_0_0_0[at_0_0_0 + 7u]);
  uint at_2_0_0 = ((u + 1u) & 1u)*8u;
  precise float total_2_0_0 = gs_tree(col_2_0_0[at_2_0_0 + 0u], col_2_0_0[at_2_0_0 + 1u], col_2_0_0[at_2_0_0 + 2u], col_2_0_0[at_2_0_0 + 3u], col_2_0_0[at_2_0_0 + 4u], col_2_0_0[at_2_0_0 + 5u], col_2_0_0[at_2_0_0 + 6u], col_2_0_0[at_2_0_0 + 7u]);
  for (uint k = 0u; k < 3u; ++k) {
    ++trips;
    uint i = min(k*8u + w, 19u);
    bool own = k*8u + w < 20u;
    precise float v_inhibitory_V = a_inhibitory_V[k];
    precise float v_inhibitory_h = a_inhibitory_h[k];
    precise float v_inhibitory_n = a_inhibitory_n[k];
    precise float v_inhibitory_inp = a_inhibitory_inp[k];
    precise float v_i_to_e_s = a_i_to_e_s[k];
    precise float v_i_to_i_s = a_i_to_i_s[k];
    v_inhibitory_inp = 0.0;
    v_inhibitory_inp += total_0_0_0*((-(p_e_to_i_g_max*(v_inhibitory_V - p_e_to_i_E)))); // two_populations.yaml:20
    v_inhibitory_inp += (total_2_0_0 - v_i_to_i_s)*((-(p_i_to_i_g_max*(v_inhibitory_V - p_i_to_i_E)))); // built-in model gaba_a:10
    if (own) S[in_inhibitory_V + i] = floatBitsToUint(v_inhibitory_V);
    if (own) S[in_inhibitory_h + i] = floatBitsToUint(v_inhibitory_h);
    if (own) S[in_inhibitory_n + i] = floatBitsToUint(v_inhibitory_n);
    if (own) S[in_inhibitory_inp + i] = floatBitsToUint(v_inhibitory_inp);
    if (own) S[in_i_to_e_s + i] = floatBitsToUint(v_i_to_e_s);
    if (own) S[in_i_to_i_s + i] = floatBitsToUint(v_i_to_i_s);
    if (own) S[in_inhibitory_spike_condition + i] = (a_inhibitory_spike_condition >> (k & 31u)) & 1u;
  }
  atomicAdd(Q[inst*2u + 0u], trips);
  if (bad != 0xffffffffu) atomicMax(Q[inst*2u + 1u], ~bad);
}
