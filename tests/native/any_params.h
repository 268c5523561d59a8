/* any_params.h - every parameter by number: where it stands in chain_params, and the range control/table.py gives it. */
#pragma once
#include <math.h>
#include <stddef.h>

#include "chain.h"
#include "check.h"

enum { PARAM_NUMBER, PARAM_SWITCH, PARAM_CHOICE };

typedef struct {
  size_t offset;
  int kind;
  double low, high, standard;
} param_row;

#define PARAM(member, kind, low, high, standard) {offsetof(chain_params, member), PARAM_##kind, low, high, standard},
static const param_row PARAM_ROWS[] = {
#include "param_rows.inc" /* written by param_table.py at build time */
};
#undef PARAM
enum { PARAMS = sizeof PARAM_ROWS / sizeof *PARAM_ROWS };

/* Numbers are doubles; the others int32_t, held at its ends. */
static inline void param_put(chain_params *params, const param_row *row, double value) {
  void *at = (char *)params + row->offset;
  if (row->kind == PARAM_NUMBER) *(double *)at = value;
  else *(int32_t *)at = !(value > INT32_MIN) ? INT32_MIN : value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

static inline chain_params standard_params(void) {
  chain_params params = {0};
  for (int n = 0; n < PARAMS; n++) param_put(&params, &PARAM_ROWS[n], PARAM_ROWS[n].standard);
  return params;
}

/* Somewhere in the range; its ends are drawn as often as all the rest. */
static inline double param_anywhere(dice *d, const param_row *row) {
  if (row->kind != PARAM_NUMBER) return row->low + dice_below(d, (uint32_t)(row->high - row->low) + 1);
  uint32_t where = dice_below(d, 4);
  return where == 0 ? row->low : where == 1 ? row->high : dice_between(d, row->low, row->high);
}

static inline chain_params random_params(dice *d) {
  chain_params params = {0};
  for (int n = 0; n < PARAMS; n++) param_put(&params, &PARAM_ROWS[n], param_anywhere(d, &PARAM_ROWS[n]));
  return params;
}
