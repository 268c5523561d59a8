/* Random tapes, and every tape of the corpus: hostile.h says what must hold. Under the sanitizers this drives every kernel through the
 * branches it has; scripts/fuzz looks for the tapes that random ones do not find. */
#include <dirent.h>

#include "hostile.h"

enum { TAPES = 120, LONGEST = 400, LARGEST = 1 << 16 };

static void random_tape(dice *d, void *memory, chain_coefs *coefs) {
  uint8_t bytes[LONGEST];
  uint32_t count = dice_below(d, LONGEST);
  for (uint32_t n = 0; n < count; n++) bytes[n] = (uint8_t)dice_below(d, 256);
  hostile_play(bytes, count, memory, coefs);
}

static void tape_of_the_corpus(const char *name, void *memory, chain_coefs *coefs) {
  static uint8_t bytes[LARGEST];
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", CORPUS, name);
  FILE *file = fopen(path, "rb");
  CHECK(file);
  size_t count = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  fprintf(stderr, "%s\n", name);
  hostile_play(bytes, count, memory, coefs);
}

static void whole_corpus(void *memory, chain_coefs *coefs) {
  DIR *folder = opendir(CORPUS);
  CHECK(folder);
  for (struct dirent *entry; (entry = readdir(folder));)
    if (entry->d_name[0] != '.') tape_of_the_corpus(entry->d_name, memory, coefs);
  closedir(folder);
}

int main(void) {
  dice d = dice_new();
  const char *given = getenv("TAPES");
  int tapes = given ? atoi(given) : TAPES;
  void *memory = aligned_alloc(64, engine_size());
  chain_coefs *coefs = malloc(sizeof *coefs);
  for (int n = 0; n < tapes; n++) random_tape(&d, memory, coefs);
  if (!given) whole_corpus(memory, coefs);
  free(memory), free(coefs);
}
