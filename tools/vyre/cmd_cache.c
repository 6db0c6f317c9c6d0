// vyre cache.
#include "cli.h"

static json_t *json_cache(const vy_cache_info *info, bool cleared) {
  json_t *o = json_object();
  json_object_set_new(o, "path", cli_json_str(info->path));
  json_object_set_new(o, "usable", json_boolean(info->usable));
  json_object_set_new(o, "reason", cli_json_str(vy_str_c(info->reason)));
  json_object_set_new(o, "entries", json_integer((json_int_t)info->entries));
  json_object_set_new(o, "bytes", json_integer((json_int_t)info->bytes));
  json_object_set_new(o, "limit", json_integer((json_int_t)info->limit));
  json_object_set_new(o, "cleared", json_boolean(cleared));
  return o;
}

static void show(const vy_cache_info *info) {
  if (!info->path.size) {
    printf("off%s%s\n", info->reason[0] ? ": " : "", info->reason);
    return;
  }
  printf("path     %s\n", info->path.data);
  if (info->usable)
    printf("entries  %llu\nbytes    %llu of at most %llu\n",
           (unsigned long long)info->entries, (unsigned long long)info->bytes,
           (unsigned long long)info->limit);
  else
    printf("not used: %s\n", info->reason);
}

cli_exit cli_cache(cli_session *s) {
  vy_cache_info info = VY_CACHE_INFO_INIT;
  vy_status status = VY_OK;
  if (s->options.clear)
    status = vy_cache_clear(s->context, &s->diags);
  if (status == VY_OK)
    status = vy_cache_describe(s->context, &info);
  if (status != VY_OK)
    return cli_exit_of(status);
  s->result = json_cache(&info, s->options.clear);
  if (!s->options.json)
    show(&info);
  return CLI_OK;
}
