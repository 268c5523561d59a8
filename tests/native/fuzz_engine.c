/* libFuzzer's door to hostile.h; see scripts/fuzz. */
#include "hostile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  static void *memory;
  static chain_coefs *coefs;
  if (!memory) memory = aligned_alloc(64, engine_size()), coefs = malloc(sizeof *coefs);
  hostile_play(bytes, count, memory, coefs);
  return 0;
}
