/* A libjack of the kind that never returns from closing a client: and then lets nobody in, as libjack's own lock does.
 * cc -shared -fPIC sticky_libjack.c -l:libjack.so.0 -ldl -lpthread: everything else is the real one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t entrance = PTHREAD_MUTEX_INITIALIZER;

void *jack_client_open(const char *name, int options, int *status, const char *server) {
  void *(*real)(const char *, int, int *, ...) = (void *(*)(const char *, int, int *, ...))dlsym(RTLD_NEXT, "jack_client_open");
  pthread_mutex_lock(&entrance);
  void *client = real(name, options, status, server);
  pthread_mutex_unlock(&entrance);
  return client;
}

int jack_client_close(void *client) {
  int (*real)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "jack_client_close");
  pthread_mutex_lock(&entrance);
  real(client);
  for (;;) pause();
}
