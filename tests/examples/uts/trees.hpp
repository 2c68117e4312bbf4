// Why: the trees that others have counted, with their counts (UTS 1.1). One wrong node shows.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "examples/uts/traversal.hpp"

namespace uts::test {

struct Known {
  const char* name;
  std::vector<std::string> arguments;
  Tally tally;
};
struct NameOf {
  template <class Info>
  std::string operator()(const Info& info) const {
    return info.param.name;
  }
};
inline void PrintTo(const Known& known, std::ostream* stream) { *stream << known.name; }

inline const Known t1{
    "T1", {"-t", "1", "-a", "3", "-d", "10", "-b", "4", "-r", "19"}, {4130071, 3305118, 10}};
inline const Known t2{
    "T2", {"-t", "1", "-a", "2", "-d", "16", "-b", "6", "-r", "502"}, {4117769, 2342762, 81}};
inline const Known t3{
    "T3", {"-t", "0", "-b", "2000", "-q", "0.124875", "-m", "8", "-r", "42"}, {4112897, 3599034, 1572}};
inline const Known t4{"T4",
                      {"-t", "2", "-a", "0", "-d", "16", "-b", "6", "-r", "1", "-q", "0.234375", "-m", "4"},
                      {4132453, 3108986, 134}};
inline const Known t5{
    "T5", {"-t", "1", "-a", "0", "-d", "20", "-b", "4", "-r", "34"}, {4147582, 2181318, 20}};
inline const Known t1l{
    "T1L", {"-t", "1", "-a", "3", "-d", "13", "-b", "4", "-r", "29"}, {102181082, 81746377, 13}};
inline const Known t2l{
    "T2L", {"-t", "1", "-a", "2", "-d", "23", "-b", "7", "-r", "220"}, {96793510, 53791152, 67}};
inline const Known t3l{
    "T3L", {"-t", "0", "-b", "2000", "-q", "0.200014", "-m", "5", "-r", "7"}, {111345631, 89076904, 17844}};

}  // namespace uts::test
