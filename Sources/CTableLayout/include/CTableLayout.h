#ifndef CTABLELAYOUT_H
#define CTABLELAYOUT_H
#include "stile_atomic.h"
#include "stile_tables.h"
#include "stile_access_vectors.h"
#include "stile_services.h"
#include "stile_fib.h"
#include "stile_control.h"
#include "stile_flow.h"
#include "stile_access_log.h"
#include "stile_dataplane.h"
#include "stile_hot.h"
#endif
