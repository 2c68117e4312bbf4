// Why: the names of --output's files are something scripts rely on.
#pragma once

#include <cstdint>
#include <string>

#include "wire/run.hpp"

namespace zel::zrun::output {

/// "rank.003.out" or "rank.003.err": three digits, or as many as the largest rank of the job has, so that
/// files sort by rank.
std::string file_name(std::uint32_t rank, std::uint32_t ranks, wire::run::Stream stream);

}  // namespace zel::zrun::output
