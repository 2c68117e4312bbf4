// Why: one home for the class's virtual table, so that an Error thrown by libzel is the one a program catches.
#include "zel/error.hpp"

namespace zel {

Error::~Error() = default;

}  // namespace zel
