/* test_compressor_vectors.c - the compressor as the library dispatches it, and the same source without dispatch: the same bits
 * while everything moves at random. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef MASTERD_PLAIN
#define MASTERD_PLAIN
#endif
#define compressor_process plain_process
#define compressor_reset plain_reset
#include "../../native/kernels/compressor.c"
#undef compressor_process
#undef compressor_reset
void compressor_reset(compressor *state);
void compressor_process(compressor *state, const compressor_coefs *coefs, double *left, double *right, uint32_t frames);

enum { BLOCKS = 2000, LONGEST = 512 };

static uint64_t random_state = 20261123;

static double random_between(double low, double high) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return low + (high - low) * (double)(random_state >> 11) * 0x1p-53;
}

static int random_choice(int count) { return (int)random_between(0, count); }

static compressor_params random_params(void) {
  return (compressor_params){.on = random_choice(4) > 0,
                             .detector = random_choice(2),
                             .threshold_db = random_between(-60, 0),
                             .ratio = random_between(1, 100),
                             .knee_db = random_choice(2) ? random_between(0, 24) : 0,
                             .attack_ms = random_between(0.1, 100),
                             .release_ms = random_between(5, 1000),
                             .auto_release = random_choice(2),
                             .lookahead_ms = random_between(0, 5),
                             .rms_window_ms = random_between(1, 100),
                             .sidechain_high_pass_hz = random_between(20, 500),
                             .sidechain_slope_db_per_oct = random_choice(3),
                             .link_percent = random_between(0, 100),
                             .range_db = random_between(0, 60),
                             .makeup_db = random_between(-12, 24),
                             .auto_makeup = random_choice(2),
                             .mix_percent = random_between(0, 100)};
}

int main(void) {
  static compressor dispatched, plain;
  static double audio[4][LONGEST];
  const stream_format format = {48000, LATENCY_NORMAL};
  compressor_coefs coefs;
  compressor_reset(&dispatched);
  plain_reset(&plain);
  for (int block = 0; block < BLOCKS; block++) {
    if (block % 6 == 0) {
      const compressor_params params = random_params();
      compressor_design(&coefs, &params, &format);
      coefs.change = (coefs_change){(uint64_t)block + 1, (uint32_t)random_choice(3000)};
    }
    uint32_t frames = 1 + (uint32_t)random_choice(LONGEST);
    double loudness = block % 40 < 20 ? 1 : 0.003;
    for (uint32_t n = 0; n < frames; n++) {
      audio[0][n] = audio[2][n] = random_between(-loudness, loudness);
      audio[1][n] = audio[3][n] = random_between(-0.5, 0.5);
    }
    compressor_process(&dispatched, &coefs, audio[0], audio[1], frames);
    plain_process(&plain, &coefs, audio[2], audio[3], frames);
    if (memcmp(audio[0], audio[2], 2 * sizeof audio[0]) != 0 || memcmp(&dispatched, &plain, sizeof plain) != 0) {
      fprintf(stderr, "FAILED: block %d differs\n", block);
      return 1;
    }
  }
  printf("%d blocks, the same bits\n", BLOCKS);
  return 0;
}
