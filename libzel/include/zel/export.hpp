// Why: the library shows its interface and nothing else to the dynamic linker.
#pragma once

#define ZEL_API __attribute__((visibility("default")))
