/* seeds.c - what must never happen on an audio thread, done there on purpose: preloaded beside rtcheck.c, RTCHECK_SEED names one. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void *volatile kept;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static volatile char *untouched;

static void seed_malloc(void) { kept = malloc(100); }
static void seed_large_malloc(void) { kept = malloc(64 << 20); }
static void seed_calloc(void) { kept = calloc(3, 100); }
static void seed_realloc(void) { kept = realloc(kept, 200); }
static void seed_free(void) { free(kept), kept = NULL; }
static void seed_mutex(void) { pthread_mutex_lock(&mutex), pthread_mutex_unlock(&mutex); }
static void seed_rwlock(void) { pthread_rwlock_rdlock(&rwlock), pthread_rwlock_unlock(&rwlock); }
static void seed_nanosleep(void) { nanosleep(&(struct timespec){.tv_nsec = 1000}, NULL); }
static void seed_fopen(void) { fclose(fopen("/dev/null", "r")); }
static void seed_mmap(void) { munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096); }
static void seed_getppid(void) { kept = (void *)(intptr_t)getppid(); }
static void seed_page_fault(void) { *untouched = 1; }
static void seed_bare_syscall(void) {
  long result = 110; /* getppid, past libc */
  __asm__ volatile("syscall" : "+a"(result)::"rcx", "r11", "memory");
}

static const struct {
  const char *name;
  void (*commit)(void);
} SEEDS[] = {
    {"malloc", seed_malloc},
    {"large_malloc", seed_large_malloc},
    {"calloc", seed_calloc},
    {"realloc", seed_realloc},
    {"free", seed_free},
    {"mutex", seed_mutex},
    {"rwlock", seed_rwlock},
    {"nanosleep", seed_nanosleep},
    {"fopen", seed_fopen},
    {"mmap", seed_mmap},
    {"getppid", seed_getppid},
    {"page_fault", seed_page_fault},
    {"bare_syscall", seed_bare_syscall},
};

static void (*chosen)(void);

__attribute__((constructor)) static void choose(void) {
  const char *name = getenv("RTCHECK_SEED");
  for (size_t n = 0; name && n < sizeof SEEDS / sizeof *SEEDS; n++)
    if (!strcmp(name, SEEDS[n].name)) chosen = SEEDS[n].commit;
  if (name && !chosen) fprintf(stderr, "no seed %s\n", name), abort();
}

/* Before the watched stretch: a page that is really not there, even under mlockall. */
void rtcheck_seed_prepare(void) {
  if (chosen != seed_page_fault || untouched) return;
  untouched = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munlock((void *)untouched, 4096);
  madvise((void *)untouched, 4096, MADV_DONTNEED);
}

/* In it. Once is enough. */
void rtcheck_seed(void) {
  if (chosen) chosen();
  chosen = NULL;
}
