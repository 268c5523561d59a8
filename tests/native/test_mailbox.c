/* Two threads, a mailbox each way, a million letters: none torn, none older than the one before, sums without loss. */
#include "ordering.h"
/* ordering first */
#include <pthread.h>

#include "check.h"
#include "mailbox.h"

enum { LETTERS = 1000000, WORDS = 32 };

typedef struct {
  uint64_t word[WORDS];
} letter;

static mailbox newest = {.middle = 1, .front = 2}, sums = {.middle = 1, .front = 2};
static letter letters[MAILBOX_THINGS], reports[MAILBOX_THINGS];
static uint64_t finished;

static void letter_write(letter *l, uint64_t number) {
  for (uint64_t n = 0; n < WORDS; n++) l->word[n] = number * (n + 1);
}
static uint64_t letter_read(const letter *l) {
  for (uint64_t n = 0; n < WORDS; n++) CHECK(l->word[n] == l->word[0] * (n + 1));
  return l->word[0];
}

/* Reads the newest letters, and adds 1 for every round to what the other side has not collected: the engine's meters. */
static void *reader(void *unused) {
  uint64_t last = 0, running = 0, rounds = 0;
  for (; last < LETTERS; rounds++) {
    if (mailbox_take(&newest)) {
      uint64_t number = letter_read(&letters[newest.front]);
      CHECK(number > last);
      last = number;
    }
    letter_write(&reports[sums.back], ++running);
    if (!mailbox_replace(&sums)) {
      letter_write(&reports[sums.back], running = 1);
      mailbox_post(&sums);
    }
  }
  __atomic_store_n(&finished, rounds, __ATOMIC_SEQ_CST);
  return unused;
}

static uint64_t collect(void) { return mailbox_take(&sums) ? letter_read(&reports[sums.front]) : 0; }

int main(void) {
  pthread_t thread;
  uint64_t collected = 0;
  CHECK(!mailbox_take(&newest) && !mailbox_replace(&newest));
  CHECK(!pthread_create(&thread, NULL, reader, NULL));
  for (uint64_t number = 1; number <= LETTERS; number++) {
    letter_write(&letters[newest.back], number);
    mailbox_post(&newest);
    if (number % 3 == 0) collected += collect();
  }
  CHECK(!pthread_join(thread, NULL));
  collected += collect();
  CHECK(collected == finished);
  printf("%llu rounds of the reader\n", (unsigned long long)finished);
}
