// A host in C++ that knows nothing but the installed package.
#include <cstdio>
#include <memory>

#include <vyre/vyre.h>

template <auto release> struct Releases {
  template <typename T> void operator()(T *p) const { release(p); }
};
using Context = std::unique_ptr<vy_context, Releases<vy_context_release>>;
using Program = std::unique_ptr<vy_program, Releases<vy_program_release>>;
using Device = std::unique_ptr<vy_device, Releases<vy_device_release>>;
using Outputs = std::unique_ptr<vy_outputs, Releases<vy_outputs_release>>;

template <typename Owner, typename Make> Owner make(Make function) {
  typename Owner::pointer p = nullptr;
  return function(&p) == VY_OK ? Owner(p) : Owner();
}

int main() {
  const float x[3] = {1, 2, 4};
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c("program twice(x: read f32[], "
                         "y: write f32[len(x)]) { lanes len(x); "
                         "y[lane] = x[lane] * 2.0; }");
  auto context = make<Context>(
      [](auto p) { return vy_context_create(nullptr, p, nullptr); });
  auto program = make<Program>([&](auto p) {
    return vy_program_parse(context.get(), &source, p, nullptr);
  });
  auto device = make<Device>([&](auto p) {
    return vy_device_open(context.get(), nullptr, p, nullptr);
  });
  auto outputs = make<Outputs>(
      [&](auto p) { return vy_outputs_create(context.get(), 1, p, nullptr); });
  const vy_arg args[2] = {vy_arg_host(x, sizeof x), vy_arg_none()};
  vy_status status = vy_run(device.get(), program.get(), nullptr, args, 2,
                            nullptr, outputs.get(), nullptr, nullptr);
  auto y = static_cast<const float *>(vy_outputs_data(outputs.get(), 0));
  bool right = status == VY_OK && vy_outputs_size(outputs.get(), 0) == 12 &&
               y[0] == 2 && y[1] == 4 && y[2] == 8;
  std::printf("C++: %s, %s\n", vy_status_name(status),
              right ? "right" : "wrong");
  return right ? 0 : 1;
}
