#include "CTableLayout.h"
