#include "loudness_book.h"

#include <math.h>
#include <string.h>

enum { BINS_PER_SECOND = 100, BINS_PER_STEP = 10, CLASSES_PER_LU = 100, GATE_LUFS = -70 };
static const double OFFSET_DB = -0.691;
static const double LOUDEST = 1e8; /* +80 dBFS: no programme; also stops NaN and infinity */
static const double BLOCK_GATE_LU = -10, RANGE_GATE_LU = -20;

static double lufs(double power) {
  double level = power > 0 ? OFFSET_DB + 10 * log10(power) : LOUDNESS_NONE;
  return level > LOUDNESS_NONE ? level : LOUDNESS_NONE;
}

static double ratio(double lu) { return pow(10, lu / 10); }

/* A sliding sum without subtraction, so silence after a loud passage is exactly 0: the window is the end of the last round
 * (its tail sums are made once per round, in place) and the beginning of this one. */
static void window_add(loudness_window *window, double bin) {
  if (window->at == window->length) {
    for (uint32_t i = window->length - 1; i > 0; i--) window->tail[i - 1] += window->tail[i];
    window->at = 0;
    window->head = 0;
  }
  window->tail[window->at++] = bin;
  window->head += bin;
  if (window->filled < window->length) window->filled++;
}

static int window_full(const loudness_window *window) { return window->filled == window->length; }

static double window_power(const loudness_window *window) {
  double older = window->at < window->length ? window->tail[window->at] : 0;
  return window_full(window) ? (window->head + older) / window->length : 0;
}

static int slot_of(double level_lufs) {
  double slot = (level_lufs - GATE_LUFS) * CLASSES_PER_LU;
  return slot <= 0 ? 0 : slot < LOUDNESS_CLASSES ? (int)slot : LOUDNESS_CLASSES - 1;
}

static void histogram_add(loudness_histogram *histogram, double power) {
  double level = lufs(power);
  if (level < GATE_LUFS) return;
  int slot = slot_of(level);
  histogram->count[slot]++;
  histogram->power[slot] += power;
}

static double slot_mean(const loudness_histogram *histogram, int slot) {
  return histogram->power[slot] / (double)histogram->count[slot];
}

static double mean_power(const loudness_histogram *histogram, int from, uint64_t *count) {
  double sum = 0;
  *count = 0;
  for (int slot = from; slot < LOUDNESS_CLASSES; slot++) sum += histogram->power[slot], *count += histogram->count[slot];
  return *count ? sum / (double)*count : 0;
}

/* The first class above the relative gate; the class that holds the gate goes in or out by its own mean. */
static int gated_slot(const loudness_histogram *histogram, double gate_lu) {
  uint64_t count;
  double gate = mean_power(histogram, 0, &count) * ratio(gate_lu);
  int slot = slot_of(lufs(gate));
  return histogram->count[slot] && slot_mean(histogram, slot) <= gate ? slot + 1 : slot;
}

static double mean_above(const double *power, uint64_t count, double gate) {
  double sum = 0;
  uint64_t above = 0;
  for (uint64_t i = 0; i < count; i++)
    if (power[i] > gate) sum += power[i], above++;
  return above ? sum / (double)above : 0;
}

static double integrated(const loudness_book *book) {
  uint64_t count = book->blocks;
  if (count > LOUDNESS_EXACT_BLOCKS)
    return lufs(mean_power(&book->block_classes, gated_slot(&book->block_classes, BLOCK_GATE_LU), &count));
  return lufs(mean_above(book->block, count, mean_above(book->block, count, 0) * ratio(BLOCK_GATE_LU)));
}

/* Level of the value at `rank`, 1 being the lowest, among the classes from `from` on. */
static double level_at(const loudness_histogram *histogram, int from, uint64_t rank) {
  uint64_t below = 0;
  int slot = from;
  while (slot < LOUDNESS_CLASSES - 1 && below + histogram->count[slot] < rank) below += histogram->count[slot++];
  return lufs(slot_mean(histogram, slot));
}

static uint64_t rank(uint64_t count, double percentile) { return (uint64_t)((double)(count - 1) * percentile / 100 + 1.5); }

static double range(const loudness_histogram *short_terms) {
  uint64_t count;
  int from = gated_slot(short_terms, RANGE_GATE_LU);
  mean_power(short_terms, from, &count);
  if (!count) return LOUDNESS_NONE;
  return level_at(short_terms, from, rank(count, 95)) - level_at(short_terms, from, rank(count, 10));
}

void loudness_book_reset(loudness_book *book) {
  memset(book, 0, sizeof *book);
  book->momentary.length = LOUDNESS_MOMENTARY_BINS;
  book->short_term.length = LOUDNESS_SHORT_TERM_BINS;
}

static void add_block(loudness_book *book, double power) {
  if (lufs(power) <= GATE_LUFS) return;
  if (book->blocks < LOUDNESS_EXACT_BLOCKS) book->block[book->blocks] = power;
  book->blocks++;
  histogram_add(&book->block_classes, power);
}

static void add_bin(loudness_book *book, double bin) {
  window_add(&book->momentary, bin);
  window_add(&book->short_term, bin);
  double momentary = window_power(&book->momentary), short_term = window_power(&book->short_term);
  if (momentary > book->momentary_max) book->momentary_max = momentary;
  if (short_term > book->short_term_max) book->short_term_max = short_term;
  if (++book->bins % BINS_PER_STEP) return;
  add_block(book, momentary);
  histogram_add(&book->short_term_classes, short_term);
}

void loudness_book_add(loudness_book *book, const double *bins, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) add_bin(book, bins[i] > 0 && bins[i] <= LOUDEST ? bins[i] : 0);
}

void loudness_book_read(const loudness_book *book, loudness_reading *reading) {
  *reading = (loudness_reading){
      .momentary_lufs = lufs(window_power(&book->momentary)),
      .short_term_lufs = lufs(window_power(&book->short_term)),
      .integrated_lufs = integrated(book),
      .range_lu = range(&book->short_term_classes),
      .momentary_max_lufs = lufs(book->momentary_max),
      .short_term_max_lufs = lufs(book->short_term_max),
      .seconds = (double)book->bins / BINS_PER_SECOND,
      .range_stable = book->bins >= (uint64_t)LOUDNESS_RANGE_STABLE_SECONDS * BINS_PER_SECOND,
  };
}
