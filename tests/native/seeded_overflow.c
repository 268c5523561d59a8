/* Must not pass: reads more frames from a ring than the buffer holds. Shows that the address sanitizer is really there. */
#include "audio_ring.h"
#include "check.h"

int main(void) {
  static float samples[2 * 16];
  audio_ring ring;
  float *block = calloc(2 * 16, sizeof(float)), *too_short = calloc(2 * 8, sizeof(float));
  audio_ring_init(&ring, samples, 16);
  audio_ring_write(&ring, block, 16);
  audio_ring_read(&ring, too_short, 16);
  printf("%f\n", (double)too_short[0]);
}
