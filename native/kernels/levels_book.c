#include "levels_book.h"

#include <math.h>
#include <string.h>

enum { BINS_PER_STEP = 10, CLASSES_PER_DB = 100, LOWEST_CLASS_DB = -100 };
static const double BIN_S = 0.01, MEAN_S = 0.4;
static const double OFFSET_DB = -0.691, GATE_LUFS = -70; /* BS.1770-5 */
static const double SILENCE = 1e-20, LOUDEST = 1e8;      /* powers: -200 and +80 dBFS */
static const double ROUNDING = 1e-15; /* of the sum of both powers: a smaller difference of theirs is none */
static const double FIFTH = 0.2;

static double held(double db) { return db > LEVELS_NONE ? db < LEVELS_MOST_DB ? db : LEVELS_MOST_DB : LEVELS_NONE; }

/* 10 log10(a / b); neither: 0. */
static double ratio_db(double a, double b) {
  if (a < SILENCE && b < SILENCE) return 0;
  if (b < SILENCE) return LEVELS_MOST_DB;
  return a < SILENCE ? LEVELS_NONE : held(10 * log10(a / b));
}

static double correlation(const double power[2], double product) {
  if (power[0] < SILENCE || power[1] < SILENCE) return 0;
  double r = product / sqrt(power[0] * power[1]);
  return r > 1 ? 1 : r < -1 ? -1 : r;
}

/* Four times the power of M or S, sign +1 or -1. */
static double matrixed(const double power[2], double product, double sign) {
  double both = power[0] + power[1], sum = both + sign * 2 * product;
  return sum > both * ROUNDING ? sum : 0;
}

void levels_book_reset(levels_book *book) {
  memset(book, 0, sizeof *book);
  book->psr_min_db = LEVELS_NONE;
}

static int window_full(const levels_book *book) { return book->bins >= LEVELS_WINDOW_BINS; }

typedef struct {
  double power[2], mean[2], true_peak[2], weighted;
} window_sums;

static window_sums sum_window(const levels_book *book) {
  window_sums sums = {{0}, {0}, {0}, 0};
  uint64_t filled = window_full(book) ? LEVELS_WINDOW_BINS : book->bins;
  for (uint64_t i = 0; i < filled; i++) {
    const levels_bin *bin = &book->window[i];
    for (int side = 0; side < 2; side++) {
      sums.power[side] += bin->power[side] / (double)filled;
      sums.mean[side] += bin->mean[side] / (double)filled;
      if (bin->true_peak[side] > sums.true_peak[side]) sums.true_peak[side] = bin->true_peak[side];
    }
    sums.weighted += bin->weighted / (double)filled;
  }
  return sums;
}

static double psr(const levels_book *book, const window_sums *sums) {
  double peak = sums->true_peak[0] > sums->true_peak[1] ? sums->true_peak[0] : sums->true_peak[1];
  double short_term_lufs = sums->weighted > 0 ? OFFSET_DB + 10 * log10(sums->weighted) : LEVELS_NONE;
  return window_full(book) && short_term_lufs > GATE_LUFS && peak > 0 ? held(20 * log10(peak) - short_term_lufs) : LEVELS_NONE;
}

static void find_psr_min(levels_book *book) {
  window_sums sums = sum_window(book);
  double now = psr(book, &sums);
  if (now > LEVELS_NONE && (book->psr_min_db == LEVELS_NONE || now < book->psr_min_db)) book->psr_min_db = now;
}

static int sane(const levels_bin *bin) {
  double peaks = bin->true_peak[0] + bin->true_peak[1];
  return bin->power[0] + bin->power[1] + fabs(bin->product) + fabs(bin->mean[0]) + fabs(bin->mean[1]) <= 4 * LOUDEST &&
         peaks <= LOUDEST && bin->weighted >= 0 && bin->weighted <= LOUDEST; /* false for NaN */
}

static void add_bin(levels_book *book, levels_bin bin) {
  const double share = 1 - exp(-BIN_S / MEAN_S);
  if (!sane(&bin)) bin = (levels_bin){.product = 0};
  book->window[book->bins++ % LEVELS_WINDOW_BINS] = bin;
  for (int side = 0; side < 2; side++) {
    book->power[side] += share * (bin.power[side] - book->power[side]);
    book->power_sum[side] += bin.power[side], book->sum[side] += bin.mean[side];
    if (bin.true_peak[side] > book->true_peak_max) book->true_peak_max = bin.true_peak[side];
  }
  book->product += share * (bin.product - book->product);
  book->product_sum += bin.product;
  if (book->bins % BINS_PER_STEP == 0) find_psr_min(book);
}

void levels_book_add_bins(levels_book *book, const levels_bin *bins, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) add_bin(book, bins[i]);
}

/* ---- DR ---- */
static int class_of(double power) {
  double at = (10 * log10(2 * power) - LOWEST_CLASS_DB) * CLASSES_PER_DB;
  return at <= 0 ? 0 : at < LEVELS_CLASSES ? (int)at : LEVELS_CLASSES - 1;
}

static void add_peak(double peak[2], double value) {
  if (value > peak[0]) peak[1] = peak[0], peak[0] = value;
  else if (value > peak[1]) peak[1] = value;
}

static void add_block(levels_book *book, const levels_block *block) {
  book->blocks++;
  for (int side = 0; side < 2; side++) {
    double power = block->power[side] >= SILENCE && block->power[side] <= LOUDEST ? block->power[side] : 0;
    int at = power > 0 ? class_of(power) : 0;
    book->classes[side].count[at]++;
    book->classes[side].power[at] += power;
    if (block->peak[side] <= LOUDEST) add_peak(book->peak[side], block->peak[side]);
  }
}

void levels_book_add_blocks(levels_book *book, const levels_block *blocks, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) add_block(book, &blocks[i]);
}

/* Mean square of the loudest `wanted` blocks. */
static double loudest_power(const levels_histogram *classes, uint64_t wanted) {
  double sum = 0;
  uint64_t left = wanted;
  for (int at = LEVELS_CLASSES - 1; at >= 0 && left; at--) {
    uint64_t count = classes->count[at], some = count < left ? count : left;
    if (some) sum += classes->power[at] * (double)some / (double)count;
    left -= some;
  }
  return sum / (double)wanted;
}

static double dr(const levels_book *book) {
  uint64_t fifth = (uint64_t)((double)book->blocks * FIFTH + 1e-9), wanted = fifth ? fifth : 1;
  double sum = 0;
  int sounding = 0;
  if (book->blocks < 2) return LEVELS_NONE;
  for (int side = 0; side < 2; side++) {
    double power = 2 * loudest_power(&book->classes[side], wanted), peak = book->peak[side][1];
    if (power > SILENCE && peak > 0) sum += 20 * log10(peak / sqrt(power)), sounding++;
  }
  return sounding ? held(sum / sounding) : LEVELS_NONE;
}

void levels_book_read(const levels_book *book, double integrated_lufs, levels_reading *reading) {
  window_sums sums = sum_window(book);
  double bins = book->bins ? (double)book->bins : 1;
  int loud = integrated_lufs > LEVELS_NONE && book->true_peak_max > 0;
  *reading = (levels_reading){
      .correlation = correlation(book->power, book->product),
      .balance_db = ratio_db(book->power[1], book->power[0]),
      .width_db = ratio_db(matrixed(book->power, book->product, -1), matrixed(book->power, book->product, 1)),
      .dc = {sums.mean[0], sums.mean[1]},
      .psr_db = psr(book, &sums),
      .psr_min_db = book->psr_min_db,
      .plr_db = loud ? held(20 * log10(book->true_peak_max) - integrated_lufs) : LEVELS_NONE,
      .dr_db = dr(book),
      .programme_correlation = correlation(book->power_sum, book->product_sum),
      .programme_balance_db = ratio_db(book->power_sum[1], book->power_sum[0]),
      .programme_dc = {book->sum[0] / bins, book->sum[1] / bins},
      .true_peak_max = book->true_peak_max,
  };
  for (int side = 0; side < 2; side++) {
    double power = sums.power[side], peak = sums.true_peak[side];
    reading->crest_db[side] = power > SILENCE && peak > 0 ? held(20 * log10(peak) - 10 * log10(power)) : LEVELS_NONE;
  }
}
